#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/common/expect_error.hpp"
#include "tests/workloads/dataset/idx_files.hpp"
#include "workloads/dataset/dataset.hpp"

namespace octet::workloads {
namespace {

using namespace octet::testing;

template <class Value>
std::string as_text(const std::vector<Value>& values) {
  return {values.begin(), values.end()};
}

void expect_good(const Datasets& sets) {
  EXPECT_EQ(as_text(sets.train.pixels), "abcdefghijklmnopqr");
  EXPECT_EQ(as_text(sets.train.labels), std::string("\2\0\1", 3));
  EXPECT_EQ(sets.train.images(), 3);
  EXPECT_EQ(sets.train.shape, (Shape{2, 3, 1}));
  EXPECT_EQ(as_text(sets.test.pixels), "ABCDEFGHIJKL");
  EXPECT_EQ(as_text(sets.test.labels), std::string("\1\2", 2));
  EXPECT_EQ(sets.test.shape, (Shape{2, 3, 1}));
}

TEST(Idx, ReadsPlainFilesFromTheGivenDirectory) {
  const TempDir dir;
  write_good_files(dir);
  expect_good(read_datasets(idx_network("/nowhere"), dir.path()));
}

TEST(Idx, ReadsTheDefaultDirectory) {
  const TempDir dir;
  write_good_files(dir);
  expect_good(read_datasets(idx_network(dir.path()), ""));
}

TEST(Idx, ReadsGzipFiles) {
  const TempDir dir;
  dir.write(std::string(kTrainImages) + ".gz", gzip(idx_images(3, "abcdefghijklmnopqr")));
  dir.write(std::string(kTrainLabels) + ".gz", gzip(idx_labels(std::string("\2\0\1", 3))));
  dir.write(kTestImages, idx_images(2, "ABCDEFGHIJKL"));  // mixed with plain ones
  dir.write(std::string(kTestLabels) + ".gz", gzip(idx_labels(std::string("\1\2", 2))));
  expect_good(read_datasets(idx_network(dir.path()), ""));
}

TEST(Idx, ThePlainFileWins) {
  const TempDir dir;
  write_good_files(dir);
  dir.write(std::string(kTrainLabels) + ".gz", gzip(idx_labels(std::string("\0\0\0", 3))));
  expect_good(read_datasets(idx_network(dir.path()), ""));
}

struct Case {
  const char* name;
  const char* file;
  std::string bytes;
  const char* error;  // behind the file's path
};

class IdxError : public ::testing::TestWithParam<Case> {};

TEST_P(IdxError, NamesFileFieldFoundAndExpected) {
  const Case& each = GetParam();
  for (const bool packed : {false, true}) {
    const TempDir dir;
    write_good_files(dir);
    std::filesystem::remove(dir.file(each.file));
    const std::string path = packed ? dir.write(each.file + std::string(".gz"), gzip(each.bytes))
                                    : dir.write(each.file, each.bytes);
    expect_error([&dir] { (void)read_datasets(idx_network(dir.path()), ""); }, path + each.error);
  }
}

const Case kCases[] = {
    {"EmptyFile", kTrainImages, "", ": length: found 0, expected at least the 16 header bytes"},
    {"HalfAHeader", kTestImages, words({0x803, 2, 2}),
     ": length: found 12, expected at least the 16 header bytes"},
    {"HalfALabelHeader", kTestLabels, words({0x801}),
     ": length: found 4, expected at least the 8 header bytes"},
    {"LabelsForImages", kTrainImages, idx_labels("0123456789"),
     ": magic: found 2049, expected 2051"},
    {"ImagesForLabels", kTrainLabels, idx_images(1, "abcdef"),
     ": magic: found 2051, expected 2049"},
    {"OtherHeight", kTrainImages, words({0x803, 3, 3, 3}) + std::string(27, 'x'),
     ": height: found 3, expected the network's 2"},
    {"OtherWidth", kTestImages, words({0x803, 2, 2, 2}) + std::string(8, 'x'),
     ": width: found 2, expected the network's 3"},
    {"HugeWidth", kTestImages, words({0x803, 2, 2, 0xFFFFFFFF}) + std::string(8, 'x'),
     ": width: found 4294967295, expected the network's 3"},
    {"ZeroImages", kTrainImages, idx_images(0, ""), ": images: found 0, expected at least 1"},
    {"ZeroLabels", kTrainLabels, idx_labels(""), ": labels: found 0, expected at least 1"},
    {"TruncatedImages", kTrainImages, idx_images(3, "abcdefghijklmnopq"),
     ": length: found 33, expected 34 bytes for 3 images (the file is truncated)"},
    {"CountFarBeyondTheFile", kTrainImages, idx_images(0xFFFFFFFF, "abcdef"),
     ": length: found 22, expected 25769803786 bytes for 4294967295 images (the file is "
     "truncated)"},
    {"TrailingImageBytes", kTestImages, idx_images(2, "ABCDEFGHIJKLM"),
     ": length: found 29, expected 28 bytes for 2 images (bytes trail)"},
    {"TruncatedLabels", kTestLabels, words({0x801, 3}) + std::string("\1\1", 2),
     ": length: found 10, expected 11 bytes for 3 labels (the file is truncated)"},
    {"TrailingLabelBytes", kTestLabels, words({0x801, 1}) + std::string("\1\1", 2),
     ": length: found 10, expected 9 bytes for 1 labels (bytes trail)"},
    {"LabelOutsideTheClasses", kTrainLabels, idx_labels(std::string("\2\3\377", 3)),
     ": labels[1]: found 3, expected 0 to 2, the network's classes"},
};

INSTANTIATE_TEST_SUITE_P(All, IdxError, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(IdxErrors, MoreLabelsThanImages) {
  const TempDir dir;
  write_good_files(dir);
  dir.write(kTestLabels, idx_labels(std::string("\1\2\0", 3)));
  expect_error([&dir] { (void)read_datasets(idx_network(dir.path()), ""); },
               dir.file(kTestLabels) +
                   ": labels: found 3 labels, expected 2, one for each image of " +
                   dir.file(kTestImages));
}

TEST(IdxErrors, EachOfTheFourFilesIsNeeded) {
  for (const char* const name : {kTrainImages, kTrainLabels, kTestImages, kTestLabels}) {
    const TempDir dir;
    write_good_files(dir);
    std::filesystem::remove(dir.file(name));
    expect_error([&dir] { (void)read_datasets(idx_network(dir.path()), ""); },
                 dir.path() + ": " + name + ": found no such file, expected " + name + " or " +
                     name + ".gz");
  }
}

TEST(IdxErrors, TruncatedGzip) {
  const TempDir dir;
  write_good_files(dir);
  std::filesystem::remove(dir.file(kTrainImages));
  const std::string whole = gzip(idx_images(3, "abcdefghijklmnopqr"));
  const std::string path =
      dir.write(std::string(kTrainImages) + ".gz", whole.substr(0, whole.size() - 9));
  expect_error_with([&dir] { (void)read_datasets(idx_network(dir.path()), ""); },
                    {path + ": found ", "expected "});
}

TEST(IdxErrors, MissingDirectory) {
  const TempDir dir;
  const std::string path = dir.file("none");
  Network network = idx_network(path);
  const std::string text =
      path + ": dataset: found no such directory, expected a directory with four IDX files";
  expect_error([&network] { (void)read_datasets(network, ""); }, text);
  network.dataset.hint = "apt-get install x";
  expect_error([&network] { (void)read_datasets(network, ""); },
               text + " (to get it: apt-get install x)");
  expect_error([&] { (void)read_datasets(network, path); }, text);  // the hint is for the default
}

TEST(IdxErrors, WhatIsNoFileIsNotRead) {
  const TempDir dir;
  write_good_files(dir);
  const std::string path = dir.file("t10k-labels-idx1-ubyte");
  const auto refused = [&](const std::string& found, const std::string& expected) {
    expect_error([&] { (void)read_datasets(idx_network("/nowhere"), dir.path()); },
                 path + ": found " + found + ", expected " + expected);
  };
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  refused("a pipe or a device", "a file");
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  refused("a directory", "a file");
  std::filesystem::remove(path);
  std::filesystem::create_symlink(path, path);
  refused("Too many levels of symbolic links", "a readable file");
  expect_error([&] { (void)read_datasets(idx_network("/nowhere"), path); },
               path +
                   ": dataset: found Too many levels of symbolic links, expected a directory with "
                   "four IDX files");
}

TEST(IdxErrors, AFileForADirectory) {
  const TempDir dir;
  const std::string path = dir.write("file", "x");
  expect_error([&path] { (void)read_datasets(idx_network(path), ""); },
               path + ": dataset: found a file, expected a directory with four IDX files");
}

TEST(IdxErrors, ColourNetwork) {
  const TempDir dir;
  write_good_files(dir);
  Network network = idx_network(dir.path());
  network.nodes.front().out.channels = 3;
  expect_error([&network] { (void)read_datasets(network, ""); },
               "net.yaml: input.channels: found 3, expected 1: an IDX image has one channel");
}

}  // namespace
}  // namespace octet::workloads
