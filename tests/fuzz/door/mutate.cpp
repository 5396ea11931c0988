// SPDX-License-Identifier: GPL-2.0-only
#include "mutate.hpp"

#include <algorithm>
#include <iterator>

namespace ndk_fuzz {
namespace {

std::size_t below(Random &random, std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
}

bool one_in(Random &random, std::size_t n) {
    return below(random, n) == 0;
}

std::uint8_t byte(Random &random) {
    return static_cast<std::uint8_t>(below(random, 256));
}

Choice any_choice(Random &random) {
    const auto small = static_cast<std::uint8_t>(below(random, 8));

    if (one_in(random, 6))
        return {static_cast<std::uint8_t>(odd_rule + below(random, 16)), byte(random)};
    return {static_cast<std::uint8_t>(below(random, 6)), one_in(random, 3) ? byte(random) : small};
}

void change_field(Step &step, Random &random) {
    const auto fields = commands()[step.command].fields;
    std::array<std::size_t, max_fields> chosen{};
    std::size_t count = 0;

    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].chosen())
            chosen[count++] = i;
    if (count == 0)
        return;
    auto &choice = step.choices[chosen[below(random, count)]];
    // mostly another value, now and then the neighbour of this one
    if (one_in(random, 4))
        choice.arg = static_cast<std::uint8_t>(choice.arg + (one_in(random, 2) ? 1 : 255));
    else
        choice = any_choice(random);
}

Step any_step(Random &random) {
    Step step;

    step.command = static_cast<std::uint8_t>(below(random, commands().size()));
    step.file = static_cast<std::uint8_t>(one_in(random, 5) ? below(random, files) : 0);
    step.second = one_in(random, 5);
    if (one_in(random, 16))
        step.odd = static_cast<Odd>(below(random, static_cast<std::size_t>(Odd::end)));
    while (one_in(random, 2))
        change_field(step, random);
    return step;
}

void change_once(Program &program, Random &random) {
    const auto at = [&] {
        return program.begin() + static_cast<std::ptrdiff_t>(below(random, program.size()));
    };

    if (program.empty()) {
        program.push_back(any_step(random));
        return;
    }
    switch (below(random, 10)) {
    case 0:
        program.erase(at());
        break;
    case 1:
        std::iter_swap(at(), at());
        break;
    case 2: { // once more, perhaps elsewhere
        const auto step = *at();
        program.insert(at(), step);
        break;
    }
    case 3: // on the other thread
        at()->second ^= true;
        break;
    case 4:
        at()->file = static_cast<std::uint8_t>(below(random, files));
        break;
    case 5:
        at()->odd = static_cast<Odd>(below(random, static_cast<std::size_t>(Odd::end)));
        break;
    case 6:
    case 7:
        program.insert(at() + 1, any_step(random));
        break;
    default:
        change_field(*at(), random);
        break;
    }
}

} // namespace

void mutate(Program &program, Random &random) {
    do
        change_once(program, random);
    while (!one_in(random, 3));
    if (program.size() > max_steps)
        program.resize(max_steps);
}

Program cross(const Program &first, const Program &second, Random &random) {
    const auto part = [&](const Program &of) {
        const auto begin = below(random, of.size() + 1);
        const auto end = begin + below(random, of.size() - begin + 1);

        return Program(of.begin() + static_cast<std::ptrdiff_t>(begin),
                       of.begin() + static_cast<std::ptrdiff_t>(end));
    };
    Program both;

    if (one_in(random, 2)) {
        both = first;
        const auto other = part(second);
        both.insert(both.begin() + static_cast<std::ptrdiff_t>(below(random, both.size() + 1)),
                    other.begin(), other.end());
    } else {
        both = part(first);
        const auto other = part(second);
        both.insert(both.end(), other.begin(), other.end());
    }
    if (both.size() > max_steps)
        both.resize(max_steps);
    return both;
}

} // namespace ndk_fuzz
