// SPDX-License-Identifier: MIT
#include <ndk/logical_address_mapping.hpp>

#include "request.hpp"

namespace ndk {

LogicalAddressMapping &LogicalAddressMapping::operator=(LogicalAddressMapping &&other) noexcept {
    if (this != &other) {
        [[maybe_unused]] const auto ignored = release();
        ref_.release();
        ref_ = std::move(other.ref_);
        page_count_ = other.page_count_;
        fbo_ = other.fbo_;
    }
    return *this;
}

LogicalAddressMapping::~LogicalAddressMapping() {
    [[maybe_unused]] const auto ignored = release();
    ref_.release(); // refused: in use until the file is closed
}

Result<void> LogicalAddressMapping::release() {
    ndk_object command{};

    command.id = ref_.id();
    auto done = detail::call(ref_, NDK_IOCTL_RELEASE_LAM, command, "NdkReleaseLAM");
    if (done)
        ref_.release();
    return done;
}

} // namespace ndk
