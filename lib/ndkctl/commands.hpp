// SPDX-License-Identifier: MIT
// Each function adds one subcommand. What the chosen one answers goes to `exit`.
#pragma once

#include "context.hpp"

#include <CLI/CLI.hpp>

namespace ndkctl {

void add_adapter(CLI::App &app, const Context &context, Exit &exit);
void add_status(CLI::App &app, const Context &context, Exit &exit);
void add_flags(CLI::App &app, const Context &context, Exit &exit);
void add_doctor(CLI::App &app, const Context &context, Exit &exit);
void add_demo(CLI::App &app, const Context &context, Exit &exit);

} // namespace ndkctl
