#include "model/trainer/checkpoint.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <limits>
#include <random>

#include "common/error.hpp"
#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

constexpr unsigned kSeed = 20261123;

// Any 32 bits: also NaN with a payload, infinities, subnormals and minus zero.
float any_float(std::mt19937& rng) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(rng()));
}

std::int64_t any_integer(std::mt19937& rng) { return static_cast<std::int64_t>(rng() << 20); }

std::vector<float> any_floats(std::mt19937& rng, std::size_t most) {
  std::vector<float> values(rng() % (most + 1));
  for (float& value : values) value = any_float(rng);
  return values;
}

Checkpoint any_checkpoint(std::mt19937& rng, std::size_t most) {
  Checkpoint c;
  c.file = "some/checkpoint";
  c.identity.network = "net";
  c.identity.recipe = "recipe";
  c.identity.network_hash = rng();
  c.identity.recipe_hash = rng() << 32;
  c.identity.train_images = any_integer(rng);
  c.identity.test_images = any_integer(rng);
  c.identity.data_checksum = static_cast<std::uint32_t>(rng());
  c.identity.seed = static_cast<std::uint32_t>(rng());
  c.identity.batch = 32;
  c.identity.epochs = static_cast<int>(rng() % 4);
  for (std::uint64_t i = rng() % 4; i > 0; --i)
    c.progress.epochs.push_back({static_cast<int>(i), std::numeric_limits<double>::quiet_NaN(),
                                 0.25, 1.0 / 3, 1e-300, 1e300, -1, any_integer(rng)});
  c.progress.step = any_integer(rng);
  c.progress.loss_sum = 0.1;
  c.progress.correct = any_integer(rng);
  c.progress.saturations = std::numeric_limits<std::int64_t>::max();
  c.progress.dead_channels = 3;
  c.progress.seconds = 1.5;
  c.state.seed = static_cast<std::uint32_t>(rng());
  c.state.step = static_cast<std::uint32_t>(rng());
  c.state.nodes.resize(rng() % 4);
  for (NodeState& node : c.state.nodes) {
    for (auto* part : {&node.weight, &node.weight_velocity, &node.bias, &node.bias_velocity}) {
      const std::vector<float> floats = any_floats(rng, most);
      part->assign(floats.begin(), floats.end());
    }
    node.running_mean = any_floats(rng, most);
    node.running_spread = any_floats(rng, most);
    for (auto* range : {&node.running_output, &node.delayed_output, &node.delayed_gradient})
      *range = {any_float(rng), any_float(rng)};
  }
  return c;
}

std::string bytes_of(const Checkpoint& c) {
  return checkpoint_bytes(c.identity, c.progress, c.state);
}

void expect_same_bits(std::span<const float> a, std::span<const float> b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint32_t>(a[i]), std::bit_cast<std::uint32_t>(b[i]));
}

void expect_same_bits(Range a, Range b) {
  expect_same_bits(std::vector<float>{a.low, a.high}, std::vector<float>{b.low, b.high});
}

std::string refusal(const std::string& bytes) {
  try {
    static_cast<void>(parse_checkpoint("a/checkpoint", bytes));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Checkpoint, KeepsEveryBit) {
  std::mt19937 rng(kSeed);
  for (int round = 0; round < 200; ++round) {
    const Checkpoint put = any_checkpoint(rng, 40);
    const std::string bytes = bytes_of(put);
    const Checkpoint got = parse_checkpoint("a/checkpoint", bytes);
    ASSERT_EQ(bytes_of(got), bytes) << "seed " << kSeed << ", round " << round;
    EXPECT_EQ(got.file, "a/checkpoint");
    EXPECT_EQ(got.identity.network, put.identity.network);
    EXPECT_EQ(got.identity.recipe_hash, put.identity.recipe_hash);
    EXPECT_EQ(got.identity.epochs, put.identity.epochs);
    EXPECT_EQ(got.finished(), put.finished());
    ASSERT_EQ(got.progress.epochs.size(), put.progress.epochs.size());
    EXPECT_EQ(got.progress.step, put.progress.step);
    EXPECT_EQ(got.progress.loss_sum, put.progress.loss_sum);
    EXPECT_EQ(got.progress.correct, put.progress.correct);
    EXPECT_EQ(got.state.seed, put.state.seed);
    EXPECT_EQ(got.state.step, put.state.step);
    ASSERT_EQ(got.state.nodes.size(), put.state.nodes.size());
    for (std::size_t i = 0; i < put.state.nodes.size(); ++i) {
      const NodeState &a = got.state.nodes[i], &b = put.state.nodes[i];
      expect_same_bits(a.weight, b.weight);
      expect_same_bits(a.weight_velocity, b.weight_velocity);
      expect_same_bits(a.bias, b.bias);
      expect_same_bits(a.bias_velocity, b.bias_velocity);
      expect_same_bits(a.running_mean, b.running_mean);
      expect_same_bits(a.running_spread, b.running_spread);
      expect_same_bits(a.running_output, b.running_output);
      expect_same_bits(a.delayed_output, b.delayed_output);
      expect_same_bits(a.delayed_gradient, b.delayed_gradient);
    }
  }
}

TEST(Checkpoint, EachFlippedBitIsFound) {
  std::mt19937 rng(kSeed);
  std::string bytes = bytes_of(any_checkpoint(rng, 10));
  while (bytes.size() < 400) bytes = bytes_of(any_checkpoint(rng, 10));
  ASSERT_EQ(refusal(bytes), "");
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      ASSERT_TRUE(refusal(damaged).starts_with("a/checkpoint: ")) << "byte " << i << " bit " << bit;
    }
}

TEST(Checkpoint, EachTruncationIsFound) {
  std::mt19937 rng(kSeed);
  const std::string bytes = bytes_of(any_checkpoint(rng, 20));
  for (std::size_t length = 0; length < bytes.size(); ++length)
    ASSERT_TRUE(refusal(bytes.substr(0, length)).starts_with("a/checkpoint: ")) << length;
  EXPECT_NE(refusal(bytes + '\0'), "");
  EXPECT_EQ(refusal(bytes.substr(0, 100)), "a/checkpoint: length: found 100 bytes, expected " +
                                               std::to_string(bytes.size()) +
                                               ": it is truncated or damaged");
}

// The same CRC-32 as zlib's, bit by bit.
void seal(std::string& bytes) {
  std::uint32_t crc = ~0U;
  for (std::size_t i = 0; i + 4 < bytes.size(); ++i) {
    crc ^= static_cast<unsigned char>(bytes[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xEDB88320U & (0U - (crc & 1U)));
  }
  crc = ~crc;
  for (std::size_t i = 0; i < 4; ++i)
    bytes[bytes.size() - 4 + i] = static_cast<char>(crc >> (8 * i));
}

TEST(Checkpoint, AnotherVersionIsNamed) {
  std::mt19937 rng(kSeed);
  std::string bytes = bytes_of(any_checkpoint(rng, 4));
  seal(bytes);
  ASSERT_EQ(refusal(bytes), "");  // the seal is right
  bytes[8] = 2;
  seal(bytes);
  EXPECT_EQ(refusal(bytes),
            "a/checkpoint: version: found 2, expected 1: another version of octet wrote it");
}

// A file that was made up, with a right checksum: its counts are still not trusted.
TEST(Checkpoint, WrongCountsAreRefused) {
  std::mt19937 rng(kSeed);
  const std::string bytes = bytes_of(any_checkpoint(rng, 4));
  int refused = 0;
  for (std::size_t i = 20; i + 8 < bytes.size(); ++i) {
    std::string made_up = bytes;
    made_up[i] = made_up[i + 1] = made_up[i + 2] = made_up[i + 3] = '\xff';
    seal(made_up);
    const std::string why = refusal(made_up);
    if (why.empty()) continue;
    ++refused;
    EXPECT_EQ(why,
              "a/checkpoint: found counts that are not those of its length, expected a "
              "checkpoint of octet train");
  }
  EXPECT_GT(refused, 4);
}

TEST(Checkpoint, IsWrittenAndRead) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("octet-checkpoint-" + std::to_string(std::random_device{}()));
  std::mt19937 rng(kSeed);
  const Checkpoint put = any_checkpoint(rng, 1000);
  write_checkpoint(file, put.identity, put.progress, put.state);
  EXPECT_EQ(bytes_of(read_checkpoint(file)), bytes_of(put));
  std::filesystem::remove(file);
  EXPECT_THROW(static_cast<void>(read_checkpoint(file)), Error);
}

TEST(Checkpoint, MustFitTheRun) {
  const workloads::Network network = testing::tiny_network();
  const TrainingState fresh = initial_state(network, 3);
  Checkpoint good;
  good.file = "a/checkpoint";
  good.identity.epochs = 2;
  good.state = fresh;
  good.progress.epochs.resize(1);
  good.progress.step = 4;
  good.state.step = 14;
  EXPECT_NO_THROW(check_fits(good, fresh, 10));
  const auto refused = [&](const std::string& why, auto spoil) {
    Checkpoint bad = good;
    spoil(bad);
    try {
      check_fits(bad, fresh, 10);
      ADD_FAILURE() << why;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), "a/checkpoint: " + why);
    }
  };
  refused("epochs finished: found 3, expected at most 2",
          [](Checkpoint& c) { c.progress.epochs.resize(3); });
  refused("step of the epoch: found 11, expected 0 to 10",
          [](Checkpoint& c) { c.progress.step = 11; });
  refused("step of the epoch: found -1, expected 0 to 10",
          [](Checkpoint& c) { c.progress.step = -1; });
  refused("step of the epoch: found 4, expected 0 to 0",
          [](Checkpoint& c) { c.progress.epochs.resize(2); });
  refused("steps finished: found 15, expected 14 at its position",
          [](Checkpoint& c) { c.state.step = 15; });
  refused("seed: found 4, expected 3", [](Checkpoint& c) { c.state.seed = 4; });
  refused("nodes: found " + std::to_string(fresh.nodes.size() - 1) + ", expected " +
              std::to_string(fresh.nodes.size()),
          [](Checkpoint& c) { c.state.nodes.pop_back(); });
  refused("node 1: found tensors of other sizes, expected those of the network",
          [](Checkpoint& c) { c.state.nodes[1].weight.pop_back(); });
}

}  // namespace
}  // namespace octet::model
