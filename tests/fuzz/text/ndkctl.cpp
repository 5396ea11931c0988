// SPDX-License-Identifier: GPL-2.0-only
// The command line of ndkctl, one word a line, with the subcommands that need no
// device.
#include "commands.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

// main() of the tool, under another name; see CMakeLists.txt
int ndkctl_main(int argc, char **argv);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace ndkctl {

void add_adapter(CLI::App &, const Context &, Exit &) {}
void add_doctor(CLI::App &, const Context &, Exit &) {}
void add_demo(CLI::App &, const Context &, Exit &) {}

} // namespace ndkctl

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::vector<std::string> words{"ndkctl", ""};

    for (std::size_t i = 0; i < size; ++i) {
        if (data[i] == '\n')
            words.emplace_back();
        else if (data[i]) // which no argument can hold
            words.back() += static_cast<char>(data[i]);
    }
    std::vector<char *> arguments;
    for (auto &word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int status = ndkctl_main(static_cast<int>(words.size()), arguments.data());
    if (status < 0 || status > 3)
        std::abort();
    return 0;
}
