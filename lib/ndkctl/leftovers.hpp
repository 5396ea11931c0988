// SPDX-License-Identifier: MIT
// What a machine holds on behalf of RDMA users: to compare before and after.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ndkctl {

/// Counts by name, e.g. "rxe0 qp" or "pinned pages".
using Holdings = std::map<std::string, std::int64_t>;

/// `rdma resource show` of all devices, and pages pinned for devices. Throws
/// std::runtime_error when `rdma` cannot be run.
Holdings current_holdings();

/// What `rdma -j resource show` said; the same.
Holdings holdings_in(std::string_view json);

/// One line for each count that grew.
std::vector<std::string> left_behind(const Holdings &before, const Holdings &after);

} // namespace ndkctl
