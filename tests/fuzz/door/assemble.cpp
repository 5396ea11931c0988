// SPDX-License-Identifier: GPL-2.0-only
// Programs of the fuzzer from text into bytes, and back.
//
//   ndk_fuzz_program assemble TEXT BYTES
//   ndk_fuzz_program show BYTES
#include "program.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>

namespace {

std::optional<std::string> content(const char *name) {
    std::ifstream file(name, std::ios::binary);

    if (!file)
        return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

int assemble(const char *from, const char *to) {
    std::string complaint = "cannot be read";
    const auto text = content(from);
    const auto program = text ? ndk_fuzz::parse(*text, complaint) : std::nullopt;

    if (!program) {
        std::fprintf(stderr, "%s: %s\n", from, complaint.c_str());
        return 1;
    }
    const auto bytes = ndk_fuzz::encode(*program);
    std::ofstream file(to, std::ios::binary);
    file.write(reinterpret_cast<const char *>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return file.flush() ? 0 : 1;
}

int show(const char *from) {
    const auto bytes = content(from);

    if (!bytes) {
        std::fprintf(stderr, "%s: cannot be read\n", from);
        return 1;
    }
    const auto *data = reinterpret_cast<const std::uint8_t *>(bytes->data());
    std::fputs(ndk_fuzz::to_text(ndk_fuzz::decode({data, bytes->size()})).c_str(), stdout);
    return 0;
}

} // namespace

int main(int argc, char **argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";

    if (what == "assemble" && argc == 4)
        return assemble(argv[2], argv[3]);
    if (what == "show" && argc == 3)
        return show(argv[2]);
    std::fputs("usage: ndk_fuzz_program assemble TEXT BYTES | show BYTES\n", stderr);
    return 2;
}
