// SPDX-License-Identifier: GPL-2.0-only
// The programs of the fuzzer of /dev/ndk (tests/fuzz/door).
#include "mutate.hpp"
#include "program.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>

namespace {

using namespace ndk_fuzz;

std::vector<std::uint8_t> random_bytes(Random &random) {
    std::vector<std::uint8_t> bytes(random() % 600);

    for (auto &byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

void expect_same_both_ways(const Program &program) {
    std::string complaint;

    EXPECT_EQ(decode(encode(program)), program) << to_text(program);
    EXPECT_EQ(parse(to_text(program), complaint), program) << complaint << "\n" << to_text(program);
}

TEST(FuzzProgram, AnyBytesAreAProgram) {
    Random random(1);

    for (int i = 0; i < 200; ++i) {
        const auto program = decode(random_bytes(random));

        EXPECT_LE(program.size(), max_steps);
        expect_same_both_ways(program);
    }
}

TEST(FuzzProgram, MutationsAndCrossingsAreProgramsToo) {
    Random random(2);
    Program program;
    Program other;

    for (int i = 0; i < 2000; ++i) {
        mutate(program, random);
        ASSERT_LE(program.size(), max_steps);
        if (i % 50 == 0)
            other = std::exchange(program, cross(program, other, random));
        ASSERT_LE(program.size(), max_steps);
        if (i % 20 == 0)
            expect_same_both_ways(program);
    }
}

TEST(FuzzProgram, TextThatIsNoProgramIsRefused) {
    for (const auto *text : {"NO_SUCH_STEP", "CLOSE id", "CLOSE id=1", "CLOSE id=1.256",
                             "CLOSE id=1.2x", "CLOSE __reserved=0.1", "CLOSE file=3",
                             "CLOSE thread=2", "CLOSE odd=even", "CLOSE depth=0.1"}) {
        std::string complaint;

        EXPECT_FALSE(parse(text, complaint)) << text;
        EXPECT_FALSE(complaint.empty()) << text;
    }
}

TEST(FuzzProgram, TheCorpusUsesEveryStep) {
    std::set<std::string_view> used;

    for (const auto &entry : std::filesystem::directory_iterator(NDK_FUZZ_CORPUS "/door")) {
        std::ifstream file(entry.path());
        const std::string text(std::istreambuf_iterator<char>(file), {});
        std::string complaint;
        const auto program = parse(text, complaint);

        ASSERT_TRUE(program) << entry.path() << ": " << complaint;
        expect_same_both_ways(*program);
        for (const auto &step : *program)
            used.insert(commands()[step.command].name);
    }
    for (const auto &command : commands())
        EXPECT_TRUE(used.contains(command.name)) << command.name;
}

} // namespace
