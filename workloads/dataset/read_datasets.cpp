#include <filesystem>

#include "common/error.hpp"
#include "workloads/dataset/dataset.hpp"
#include "workloads/dataset/idx.hpp"

namespace octet::workloads {

namespace {

namespace fs = std::filesystem;

constexpr const char* kTrain = "train";
constexpr const char* kTest = "t10k";

// The path of `name` or `name`.gz in `directory`; the plain file wins.
std::string find_file(const std::string& directory, const std::string& name) {
  const std::string plain = (fs::path(directory) / name).string();
  std::error_code ignored;
  if (fs::exists(plain, ignored)) return plain;
  const std::string packed = plain + ".gz";
  if (fs::exists(packed, ignored)) return packed;
  throw input_error(directory, name, "no such file", name + " or " + name + ".gz");
}

Dataset read_one(const Network& network, const std::string& directory, const std::string& part) {
  const std::string images = find_file(directory, part + "-images-idx3-ubyte");
  const std::string labels = find_file(directory, part + "-labels-idx1-ubyte");
  Dataset set;
  set.shape = network.input().out;
  set.pixels = read_idx_images(images, set.shape);
  set.labels = read_idx_labels(labels, network.classes);
  const long count = static_cast<long>(set.pixels.size()) / set.shape.elements();
  if (set.images() != count) {
    throw input_error(labels, "labels", std::to_string(set.images()) + " labels",
                      std::to_string(count) + ", one for each image of " + images);
  }
  return set;
}

}  // namespace

Datasets read_datasets(const Network& network, const std::string& directory) {
  const bool is_default = directory.empty();
  const std::string folder = is_default ? network.dataset.path : directory;
  if (network.input().out.channels != 1) {
    throw input_error(network.file, "input.channels", std::to_string(network.input().out.channels),
                      "1: an IDX image has one channel");
  }
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    const std::string hint = is_default && !network.dataset.hint.empty()
                                 ? " (to get it: " + network.dataset.hint + ")"
                                 : "";
    throw input_error(folder, "dataset",
                      fs::exists(folder, ignored) ? "a file" : "no such directory",
                      "a directory with four IDX files" + hint);
  }
  return {read_one(network, folder, kTrain), read_one(network, folder, kTest)};
}

}  // namespace octet::workloads
