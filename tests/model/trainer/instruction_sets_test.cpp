#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "model/kernels/kernels.hpp"

// Training ends in the same bits with every table of kernels and any number of threads. A process
// of its own for each, since one process keeps its table.
namespace octet::model {
namespace {

const std::vector<std::string> kAll = {"scalar", "avx2", "avx512", "amx"};

// The tables that this processor has; says which it lacks.
std::vector<std::string> available() {
  std::vector<std::string> names;
  for (const std::string& isa : kAll)
    if (kernels_named(isa.c_str()) != nullptr)
      names.push_back(isa);
    else
      std::printf("skipped: this processor has no %s\n", isa.c_str());
  return names;
}

struct Printed {
  std::string name, hash;
};
Printed print_hash(const std::string& isa, const std::string& arguments) {
  const std::string command = "OCTET_ISA=" + isa + " '" OCTET_PRINT_HASH "' " + arguments;
  std::FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 32> name{}, hash{};
  const int fields = pipe == nullptr ? 0 : std::fscanf(pipe, "%31s %31s", name.data(), hash.data());
  const int status = pipe == nullptr ? -1 : pclose(pipe);
  EXPECT_EQ(status, 0) << command;
  EXPECT_EQ(fields, 2) << command;
  return {name.data(), hash.data()};
}
std::string hash_of(const std::string& isa, const std::string& network_steps_batch, int threads,
                    const std::string& rest = "1") {
  const Printed printed =
      print_hash(isa, network_steps_batch + " " + std::to_string(threads) + " " + rest);
  EXPECT_EQ(printed.name, isa);
  EXPECT_EQ(printed.hash.size(), 16U);
  return printed.hash;
}

// Each table with another number of threads, and the best one with 1, 2 and 3.
void expect_one_hash(const std::string& network_steps_batch, const std::string& rest = "1") {
  const std::vector<std::string> names = available();
  const std::string expected = hash_of("scalar", network_steps_batch, 2, rest);
  for (std::size_t i = 1; i + 1 < names.size(); ++i)
    EXPECT_EQ(hash_of(names[i], network_steps_batch, static_cast<int>(i % 3) + 1, rest), expected)
        << names[i] << ", " << network_steps_batch << ", " << rest;
  for (const int threads : {1, 2, 3})
    EXPECT_EQ(hash_of(names.back(), network_steps_batch, threads, rest), expected)
        << threads << " threads, " << network_steps_batch << ", " << rest;
}

TEST(InstructionSets, TinyCnn) {
  for (const std::string rest : {"1", "1 stochastic"}) expect_one_hash("tiny-cnn 5 32", rest);
  EXPECT_NE(hash_of("scalar", "tiny-cnn 5 32", 1, "2"), hash_of("scalar", "tiny-cnn 5 32", 1));
  const Printed best = print_hash("", "tiny-cnn 5 32 2 1");  // the processor's own choice
  EXPECT_EQ(best.name, available().back());
  EXPECT_EQ(best.hash, hash_of("scalar", "tiny-cnn 5 32", 1));
}

TEST(InstructionSets, Windows) {
  for (const std::string rest : {"1", "3 stochastic"}) {
    expect_one_hash("window 20 9", rest);
    expect_one_hash("window 5 2", rest);  // Range BN over fewer values than its chunks
  }
}

TEST(InstructionSets, GradientsThatMeet) {
  for (const std::string rest : {"1", "3 stochastic"}) expect_one_hash("meeting 20 11", rest);
}

TEST(InstructionSets, RelusBehindRelus) {
  for (const std::string rest : {"1", "3 stochastic"}) expect_one_hash("relus 20 9", rest);
}

TEST(InstructionSets, ResidualNetwork) { expect_one_hash("resnet-20 3 8"); }

TEST(InstructionSets, FashionCnnFor200Steps) { expect_one_hash("fashion-cnn 200 16"); }

TEST(InstructionSets, AnUnknownOneIsRefused) {
  const std::string command =
      "OCTET_ISA=sse9 '" OCTET_PRINT_HASH "' tiny-cnn 1 2 1 1 2>/dev/null >/dev/null";
  std::FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  EXPECT_NE(pclose(pipe), 0);
}

}  // namespace
}  // namespace octet::model
