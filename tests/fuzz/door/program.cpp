// SPDX-License-Identifier: GPL-2.0-only
#include "program.hpp"

#include <algorithm>
#include <charconv>

namespace ndk_fuzz {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Odd::end)> odd_names = {
    "nothing",    "toggle_async", "no_event",   "bad_flags", "shorter", "longer",
    "longer_set", "tiny",         "huge",       "reserved",  "outputs", "user_data",
    "null",       "beyond",       "misaligned", "read_only",
};
static_assert(!odd_names.back().empty());

constexpr std::uint8_t second_bit = 0x80;

// Takes words off the front of a line.
std::string_view word(std::string_view &line) {
    const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
    const auto end = std::min(line.find_first_of(" \t", begin), line.size());
    const auto found = line.substr(begin, end - begin);

    line.remove_prefix(end);
    return found;
}

bool number(std::string_view text, std::uint8_t &value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);

    return error == std::errc() && end == text.data() + text.size();
}

bool parse_choice(std::string_view text, Choice &choice) {
    const auto dot = text.find('.');

    return dot != text.npos && number(text.substr(0, dot), choice.rule) &&
           number(text.substr(dot + 1), choice.arg);
}

bool parse_setting(std::string_view key, std::string_view value, Step &step) {
    std::uint8_t n = 0;

    if (key == "file" && number(value, n) && n < files) {
        step.file = n;
        return true;
    }
    if (key == "thread" && number(value, n) && n < 2) {
        step.second = n != 0;
        return true;
    }
    if (key == "odd") {
        const auto found = std::ranges::find(odd_names, value);

        step.odd = static_cast<Odd>(found - odd_names.begin());
        return found != odd_names.end();
    }
    const auto fields = commands()[step.command].fields;
    const auto field = std::ranges::find(fields, key, &Field::name);
    return field != fields.end() && field->chosen() &&
           parse_choice(value, step.choices[static_cast<std::size_t>(field - fields.begin())]);
}

bool parse_line(std::string_view line, Step &step, std::string &complaint) {
    const auto name = word(line);
    const auto command = std::ranges::find(commands(), name, &Command::name);

    if (command == commands().end()) {
        complaint = "no step is called " + std::string(name);
        return false;
    }
    step.command = static_cast<std::uint8_t>(command - commands().begin());
    for (auto setting = word(line); !setting.empty(); setting = word(line)) {
        const auto equals = setting.find('=');

        if (equals == setting.npos ||
            !parse_setting(setting.substr(0, equals), setting.substr(equals + 1), step)) {
            complaint = std::string(name) + " does not take " + std::string(setting);
            return false;
        }
    }
    return true;
}

} // namespace

// A step is its command, where it runs, what is odd, and two bytes a field.
// Bytes that are missing at the end are zero.
Program decode(std::span<const std::uint8_t> bytes) {
    Program program;
    std::size_t at = 0;
    const auto next = [&]() -> std::uint8_t { return at < bytes.size() ? bytes[at++] : 0; };

    while (at < bytes.size() && program.size() < max_steps) {
        Step step;

        step.command = static_cast<std::uint8_t>(next() % commands().size());
        const auto where = next();
        step.file = static_cast<std::uint8_t>((where & ~second_bit) % files);
        step.second = where & second_bit;
        step.odd = static_cast<Odd>(next() % static_cast<std::uint8_t>(Odd::end));
        const auto fields = commands()[step.command].fields;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (!fields[i].chosen())
                continue;
            step.choices[i].rule = next();
            step.choices[i].arg = next();
        }
        program.push_back(step);
    }
    return program;
}

std::vector<std::uint8_t> encode(const Program &program) {
    std::vector<std::uint8_t> bytes;

    for (const auto &step : program) {
        const auto fields = commands()[step.command].fields;

        bytes.push_back(step.command);
        bytes.push_back(static_cast<std::uint8_t>(step.file | (step.second ? second_bit : 0)));
        bytes.push_back(static_cast<std::uint8_t>(step.odd));
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (!fields[i].chosen())
                continue;
            bytes.push_back(step.choices[i].rule);
            bytes.push_back(step.choices[i].arg);
        }
    }
    return bytes;
}

std::string to_text(const Step &step) {
    const auto &command = commands()[step.command];
    std::string text(command.name);

    if (step.file)
        text += " file=" + std::to_string(step.file);
    if (step.second)
        text += " thread=1";
    if (step.odd != Odd::nothing)
        text += " odd=" + std::string(odd_names[static_cast<std::size_t>(step.odd)]);
    for (std::size_t i = 0; i < command.fields.size(); ++i) {
        const auto &choice = step.choices[i];

        if (command.fields[i].chosen() && choice != Choice{})
            text += " " + std::string(command.fields[i].name) + "=" + std::to_string(choice.rule) +
                    "." + std::to_string(choice.arg);
    }
    return text;
}

std::string to_text(const Program &program) {
    std::string text;

    for (const auto &step : program)
        text += to_text(step) + "\n";
    return text;
}

std::optional<Program> parse(std::string_view text, std::string &complaint) {
    Program program;

    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        Step step;

        text.remove_prefix(std::min(end + 1, text.size()));
        line = line.substr(0, line.find('#'));
        if (line.find_first_not_of(" \t\r") == line.npos)
            continue;
        if (!parse_line(line, step, complaint))
            return std::nullopt;
        program.push_back(step);
    }
    if (program.size() > max_steps) {
        complaint = "more than " + std::to_string(max_steps) + " steps";
        return std::nullopt;
    }
    return program;
}

} // namespace ndk_fuzz
