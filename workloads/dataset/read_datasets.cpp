#include <algorithm>
#include <filesystem>
#include <iterator>

#include "common/error.hpp"
#include "workloads/dataset/readers.hpp"

namespace octet::workloads {

namespace fs = std::filesystem;

namespace {

struct Kind {
  const char* name;      // of DatasetSpec::kind
  const char* contents;  // of its folder, for errors
  void (*check)(const Network&);
  Datasets (*read)(const Network&, const std::string&);
};

constexpr Kind kKinds[] = {
    {"idx", "four IDX files", check_idx_network, read_idx},
    {"cifar10", "data_batch_1.bin to data_batch_5.bin and test_batch.bin", check_cifar10_network,
     read_cifar10},
    {"image_folder", "the folders train and val", check_image_folder_network, read_image_folder},
};

}  // namespace

std::string find_file(const std::string& folder, const std::string& name) {
  const std::string plain = (fs::path(folder) / name).string();
  for (const std::string& path : {plain, plain + ".gz"}) {
    std::error_code failure;
    const fs::file_status found = fs::status(path, failure);
    if (found.type() == fs::file_type::not_found) continue;
    if (found.type() == fs::file_type::none)
      throw input_error(path, "", failure.message(), "a readable file");
    if (found.type() != fs::file_type::regular)  // reading a pipe could wait for ever
      throw input_error(path, "", fs::is_directory(found) ? "a directory" : "a pipe or a device",
                        "a file");
    return path;
  }
  throw input_error(folder, name, "no such file", name + " or " + name + ".gz");
}

Datasets read_datasets(const Network& network, const std::string& directory) {
  const Kind* kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& each) {
    return each.name == network.dataset.kind;
  });
  if (kind == std::end(kKinds))
    throw input_error(network.file, "dataset.kind", network.dataset.kind, "a kind of data set");
  kind->check(network);

  const bool is_default = directory.empty();
  const std::string folder = is_default ? network.dataset.path : directory;
  std::error_code failure;
  const fs::file_status found = fs::status(folder, failure);
  if (!fs::is_directory(found)) {
    const std::string hint = is_default && !network.dataset.hint.empty()
                                 ? " (to get it: " + network.dataset.hint + ")"
                                 : "";
    throw input_error(folder, "dataset",
                      found.type() == fs::file_type::not_found ? "no such directory"
                      : found.type() == fs::file_type::none    ? failure.message()
                                                               : "a file",
                      std::string("a directory with ") + kind->contents + hint);
  }
  return kind->read(network, folder);
}

}  // namespace octet::workloads
