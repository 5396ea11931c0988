// SPDX-License-Identifier: GPL-2.0-only
// The JSON of rdma(8), which says what is left behind.
#include "leftovers.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) try {
    const auto holdings = ndkctl::holdings_in({reinterpret_cast<const char *>(data), size});

    if (!ndkctl::left_behind(holdings, holdings).empty())
        std::abort();
    return 0;
} catch (const std::runtime_error &) { // what it promises for text that is none
    return 0;
}
