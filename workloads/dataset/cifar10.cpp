// CIFAR-10 in its binary form: records of 3,073 bytes, the label, then 32 x 32 red, green and blue
// values. (Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.)
#include "common/error.hpp"
#include "common/file.hpp"
#include "workloads/dataset/readers.hpp"

namespace octet::workloads {

namespace {

constexpr Shape kShape{32, 32, 3};
constexpr int kClasses = 10;
constexpr std::size_t kPlane = 32 * 32;
constexpr std::size_t kRecord = 1 + 3 * kPlane;

// Appends the images of one file.
void append(const std::string& path, Dataset& set) {
  const std::vector<std::uint8_t> bytes = read_maybe_gzip(path);
  const std::size_t count = bytes.size() / kRecord;
  if (count == 0 || bytes.size() % kRecord != 0) {
    throw input_error(path, "length", std::to_string(bytes.size()),
                      "a whole number of records of 3073 bytes, at least one");
  }
  set.labels.reserve(set.labels.size() + count);
  set.pixels.reserve(set.pixels.size() + 3 * kPlane * count);
  for (std::size_t n = 0; n < count; ++n) {
    const std::uint8_t* record = bytes.data() + n * kRecord;
    if (record[0] >= kClasses) {
      throw input_error(path, "labels[" + std::to_string(n) + "]", std::to_string(record[0]),
                        "0 to 9");
    }
    set.labels.push_back(record[0]);
    for (std::size_t i = 0; i < kPlane; ++i)
      for (std::size_t c = 0; c < 3; ++c) set.pixels.push_back(record[1 + c * kPlane + i]);
  }
}

}  // namespace

void check_cifar10_network(const Network& network) {
  const Shape shape = network.input().out;
  if (shape != kShape)
    throw input_error(network.file, "input", to_text(shape), "32x32x3, the size of CIFAR-10");
  if (network.classes != kClasses)
    throw input_error(network.file, "classes", std::to_string(network.classes),
                      "10, the classes of CIFAR-10");
}

Datasets read_cifar10(const Network& /*network*/, const std::string& folder) {
  Datasets sets;
  sets.train.shape = sets.test.shape = kShape;
  for (const char* number : {"1", "2", "3", "4", "5"})
    append(find_file(folder, std::string("data_batch_") + number + ".bin"), sets.train);
  append(find_file(folder, "test_batch.bin"), sets.test);
  return sets;
}

}  // namespace octet::workloads
