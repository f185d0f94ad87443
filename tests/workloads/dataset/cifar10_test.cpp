#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "tests/common/expect_error.hpp"
#include "tests/common/gzip.hpp"
#include "tests/common/temp_dir.hpp"
#include "workloads/dataset/dataset.hpp"

namespace octet::workloads {
namespace {

using namespace octet::testing;

constexpr std::size_t kPlane = 1024;
const char* const kFiles[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                              "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

Network cifar_network(const std::string& path, int classes = 10, Shape shape = {32, 32, 3}) {
  Network network;
  network.file = "net.yaml";
  network.classes = classes;
  network.dataset.kind = "cifar10";
  network.dataset.path = path;
  Node input;
  input.in = input.out = shape;
  network.nodes.push_back(input);
  return network;
}

// Value of colour `c` at place `i` of image `n` of file `f`: no two planes or images alike.
int value(std::size_t f, std::size_t n, std::size_t c, std::size_t i) {
  return static_cast<int>((f * 71 + n * 37 + c * 101 + i * 3 + i / 32) % 251);
}

std::string records(std::size_t file, std::size_t count) {
  std::string bytes;
  for (std::size_t n = 0; n < count; ++n) {
    bytes += static_cast<char>((file + n) % 10);
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t i = 0; i < kPlane; ++i) bytes += static_cast<char>(value(file, n, c, i));
  }
  return bytes;
}

void write_good_files(const TempDir& dir) {
  for (std::size_t f = 0; f < 6; ++f) dir.write(kFiles[f], records(f, f + 1));
}

void expect_images(const Dataset& set, std::size_t first, std::size_t file) {
  for (std::size_t n = 0; n <= file; ++n) {
    ASSERT_EQ(set.labels[first + n], (file + n) % 10);
    for (std::size_t i = 0; i < kPlane; ++i)
      for (std::size_t c = 0; c < 3; ++c)
        ASSERT_EQ(set.pixels[((first + n) * kPlane + i) * 3 + c], value(file, n, c, i));
  }
}

TEST(Cifar10, ChannelsLastInTheOrderOfTheFiles) {
  const TempDir dir;
  write_good_files(dir);
  const Datasets sets = read_datasets(cifar_network("/nowhere"), dir.path());
  ASSERT_EQ(sets.train.images(), 1 + 2 + 3 + 4 + 5);
  ASSERT_EQ(sets.test.images(), 6);
  EXPECT_EQ(sets.train.shape, (Shape{32, 32, 3}));
  std::size_t first = 0;
  for (std::size_t f = 0; f < 5; first += ++f) expect_images(sets.train, first, f);
  expect_images(sets.test, 0, 5);
}

TEST(Cifar10, ReadsGzipFiles) {
  const TempDir dir;
  write_good_files(dir);
  std::filesystem::remove(dir.file(kFiles[2]));
  dir.write(std::string(kFiles[2]) + ".gz", gzip(records(2, 3)));
  const Datasets sets = read_datasets(cifar_network(dir.path()), "");
  expect_images(sets.train, 3, 2);
}

TEST(Cifar10Errors, EachFileIsNeeded) {
  for (const std::string name : kFiles) {
    const TempDir dir;
    write_good_files(dir);
    std::filesystem::remove(dir.file(name));
    expect_error([&dir] { (void)read_datasets(cifar_network(dir.path()), ""); },
                 dir.path() + ": " + name + ": found no such file, expected " + name + " or " +
                     name + ".gz");
  }
}

TEST(Cifar10Errors, NotAWholeNumberOfRecords) {
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{3072},
                                   std::size_t{3074}, std::size_t{2 * 3073 - 1}}) {
    const TempDir dir;
    write_good_files(dir);
    const std::string path = dir.write(kFiles[3], records(3, 3).substr(0, length));
    expect_error([&dir] { (void)read_datasets(cifar_network(dir.path()), ""); },
                 path + ": length: found " + std::to_string(length) +
                     ", expected a whole number of records of 3073 bytes, at least one");
  }
}

TEST(Cifar10Errors, LabelOutsideTheClasses) {
  for (const int label : {10, 255}) {
    const TempDir dir;
    write_good_files(dir);
    std::string bytes = records(5, 4);
    bytes[3 * 3073] = static_cast<char>(label);
    const std::string path = dir.write(kFiles[5], bytes);
    expect_error([&dir] { (void)read_datasets(cifar_network(dir.path()), ""); },
                 path + ": labels[3]: found " + std::to_string(label) + ", expected 0 to 9");
  }
}

TEST(Cifar10Errors, NetworkOfAnotherShape) {
  const TempDir dir;
  write_good_files(dir);
  expect_error([&] { (void)read_datasets(cifar_network(dir.path(), 100), ""); },
               "net.yaml: classes: found 100, expected 10, the classes of CIFAR-10");
  for (const Shape shape : {Shape{28, 32, 3}, Shape{32, 28, 3}, Shape{32, 32, 1}})
    expect_error(
        [&] { (void)read_datasets(cifar_network(dir.path(), 10, shape), ""); },
        "net.yaml: input: found " + to_text(shape) + ", expected 32x32x3, the size of CIFAR-10");
}

TEST(Cifar10Errors, MissingDirectory) {
  const TempDir dir;
  Network network = cifar_network(dir.file("none"));
  network.dataset.hint = "scripts/get-data.sh cifar10";
  expect_error([&network] { (void)read_datasets(network, ""); },
               dir.file("none") +
                   ": dataset: found no such directory, expected a directory with "
                   "data_batch_1.bin to data_batch_5.bin and test_batch.bin (to get it: "
                   "scripts/get-data.sh cifar10)");
}

// The real files, where they were fetched.
TEST(Cifar10, RealImagesHaveTheKnownMeans) {
  const std::string folder = OCTET_SOURCE_DIR "/data/cifar10";
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << folder << " is not there: scripts/get-data.sh cifar10";
  }
  const Datasets sets = read_datasets(cifar_network(folder), "");
  ASSERT_EQ(sets.train.images(), 50000);
  ASSERT_EQ(sets.test.images(), 10000);
  std::vector<long> count(10);
  for (const std::uint16_t label : sets.train.labels) ++count[label];
  for (const long each : count) EXPECT_EQ(each, 5000);
  const double means[] = {0.49140, 0.48216, 0.44653};
  const double deviations[] = {0.24703, 0.24349, 0.26159};
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = c; i < sets.train.pixels.size(); i += 3) {
      const double x = sets.train.pixels[i] / 255.0;
      sum += x;
      squares += x * x;
    }
    const double mean = sum / (50000.0 * 1024);
    EXPECT_NEAR(mean, means[c], 5e-6);
    EXPECT_NEAR(std::sqrt(squares / (50000.0 * 1024) - mean * mean), deviations[c], 5e-6);
  }
}

}  // namespace
}  // namespace octet::workloads
