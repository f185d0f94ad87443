// A folder of JPEG images: train/CLASS/IMAGE.jpg and val/CLASS/IMAGE.jpg. Classes are numbered in
// the order of their names' bytes, images within a class likewise.
#include <algorithm>
#include <filesystem>

#include "common/error.hpp"
#include "common/file.hpp"
#include "workloads/dataset/jpeg.hpp"
#include "workloads/dataset/readers.hpp"

namespace octet::workloads {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 28;

// Paths are put together when a file is read: whole ones of a million images would fill memory.
class JpegFiles final : public PictureSource {
 public:
  JpegFiles(fs::path folder, std::vector<std::string> classes)
      : folder_(std::move(folder)), classes_(std::move(classes)) {}
  void add(std::string name, std::uint16_t label) {
    names_.push_back(std::move(name));
    labels_.push_back(label);
  }
  [[nodiscard]] Picture read(long index) const override {
    const std::string path = (folder_ / name(index)).string();
    return decode_jpeg(path, read_maybe_gzip(path, kMaxFileBytes));
  }
  [[nodiscard]] std::string name(long index) const override {
    const auto i = static_cast<std::size_t>(index);
    return classes_[labels_[i]] + "/" + names_[i];
  }
  [[nodiscard]] std::uint64_t file_bytes(long index) const override {
    const fs::path path = folder_ / name(index);
    std::error_code failure;
    const std::uintmax_t bytes = fs::file_size(path, failure);
    if (failure) throw input_error(path.string(), "", failure.message(), "a readable file");
    return bytes;
  }

 private:
  fs::path folder_;
  std::vector<std::string> classes_;
  std::vector<std::string> names_;
  std::vector<std::uint16_t> labels_;
};

// Sorted names in `folder`, hidden ones left out; all must be folders, or none.
std::vector<std::string> names_in(const fs::path& folder, bool folders) {
  std::vector<std::string> names;
  std::error_code failure;
  fs::directory_iterator each(folder, failure);
  for (; !failure && each != fs::directory_iterator(); each.increment(failure)) {
    std::string name = each->path().filename().string();
    if (name.starts_with(".")) continue;
    std::error_code ignored;
    if (!folders && each->is_other(ignored))  // reading a pipe could wait for ever
      throw input_error(each->path().string(), "", "a pipe or a device", "JPEG images alone");
    if (each->is_directory(ignored) != folders)
      throw input_error(each->path().string(), "", folders ? "a file" : "a folder",
                        folders ? "a folder, one for each class" : "JPEG images alone");
    names.push_back(std::move(name));
  }
  if (failure) throw input_error(folder.string(), "", failure.message(), "a readable folder");
  std::sort(names.begin(), names.end());
  return names;
}

bool is_jpeg_name(const std::string& name) {
  const std::string end = fs::path(name).extension().string();
  return end == ".jpg" || end == ".jpeg" || end == ".JPEG" || end == ".JPG";
}

Dataset list_images(const Network& network, const fs::path& folder,
                    const std::vector<std::string>& classes) {
  Dataset set;
  set.shape = network.input().out;
  const auto files = std::make_shared<JpegFiles>(folder, classes);
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const fs::path own = folder / classes[label];
    const std::vector<std::string> names = names_in(own, false);
    if (names.empty()) throw input_error(own.string(), "images", "0", "at least 1");
    for (const std::string& name : names) {
      if (!is_jpeg_name(name))
        throw input_error((own / name).string(), "name", name, "one that ends in .jpg or .jpeg");
      files->add(name, static_cast<std::uint16_t>(label));
      set.labels.push_back(static_cast<std::uint16_t>(label));
    }
  }
  set.source = files;
  return set;
}

std::vector<std::string> list_classes(const fs::path& folder) {
  std::error_code failure;
  const fs::file_status found = fs::status(folder, failure);
  if (!fs::is_directory(found))
    throw input_error(folder.string(), "",
                      found.type() == fs::file_type::none ? failure.message() : "no such folder",
                      "a folder for each class in it");
  return names_in(folder, true);
}

}  // namespace

void check_image_folder_network(const Network& network) {
  const int channels = network.input().out.channels;
  if (channels == 3) return;
  throw input_error(network.file, "input.channels", std::to_string(channels),
                    "3: images are decoded to RGB");
}

Datasets read_image_folder(const Network& network, const std::string& folder) {
  const fs::path train = fs::path(folder) / "train";
  const fs::path val = fs::path(folder) / "val";
  const std::vector<std::string> classes = list_classes(train);
  if (static_cast<int>(classes.size()) != network.classes)
    throw input_error(train.string(), "classes", std::to_string(classes.size()) + " folders",
                      std::to_string(network.classes) + ", the network's classes");
  const std::vector<std::string> tested = list_classes(val);
  const auto differs = std::mismatch(classes.begin(), classes.end(), tested.begin(), tested.end());
  if (differs.first != classes.end() || differs.second != tested.end()) {
    const bool lacks = differs.first != classes.end();
    throw input_error(
        val.string(), "classes",
        differs.second == tested.end() ? "the end" : "folder " + *differs.second,
        lacks ? "folder " + *differs.first + ", as in train" : "no more, as in train");
  }
  return {list_images(network, train, classes), list_images(network, val, classes)};
}

}  // namespace octet::workloads
