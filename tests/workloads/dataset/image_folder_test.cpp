#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/common/expect_error.hpp"
#include "tests/common/temp_dir.hpp"
#include "tests/workloads/dataset/jpeg_files.hpp"
#include "workloads/dataset/dataset.hpp"

namespace octet::workloads {
namespace {

using namespace octet::testing;
namespace fs = std::filesystem;

Network folder_network(int channels = 3) {
  Network network;
  network.file = "net.yaml";
  network.classes = 2;
  network.dataset.kind = "image_folder";
  Node input;
  input.in = input.out = {8, 8, channels};
  network.nodes.push_back(input);
  return network;
}

// Two classes: red ones and blue ones, of several sizes and endings.
void write_good_files(const TempDir& dir) {
  for (const char* part : {"train", "val"})
    for (const char* name : {"blue", "red"}) fs::create_directories(dir.file(part) + "/" + name);
  dir.write("train/red/b.jpg", plain_jpeg(20, 10, 200, 10, 20));
  dir.write("train/red/a.JPEG", plain_jpeg(9, 30, 180, 10, 20));
  dir.write("train/red/.DS_Store", "hidden");
  dir.write("train/blue/z.jpeg", plain_jpeg(8, 8, 10, 20, 220));
  dir.write("val/red/x.JPG", plain_jpeg(3, 3, 210, 10, 20));
  dir.write("val/blue/y.jpg", plain_jpeg(64, 64, 10, 20, 190));
}

void expect_colour(const Dataset& set, long index, int red, int green, int blue) {
  std::vector<std::uint8_t> pixels(8 * 8 * 3);
  set.read(index, pixels);
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    ASSERT_NEAR(pixels[i], red, 2);
    ASSERT_NEAR(pixels[i + 1], green, 2);
    ASSERT_NEAR(pixels[i + 2], blue, 2);
  }
}

TEST(ImageFolder, ClassesAndImagesInTheOrderOfTheirNames) {
  const TempDir dir;
  write_good_files(dir);
  const Datasets sets = read_datasets(folder_network(), dir.path());
  EXPECT_EQ(sets.train.labels, (std::vector<std::uint16_t>{0, 1, 1}));
  EXPECT_EQ(sets.test.labels, (std::vector<std::uint16_t>{0, 1}));
  EXPECT_EQ(sets.train.source->name(0), "blue/z.jpeg");
  EXPECT_EQ(sets.train.source->name(1), "red/a.JPEG");
  EXPECT_EQ(sets.train.source->name(2), "red/b.jpg");
  expect_colour(sets.train, 0, 10, 20, 220);
  expect_colour(sets.train, 1, 180, 10, 20);
  expect_colour(sets.train, 2, 200, 10, 20);
  expect_colour(sets.test, 0, 10, 20, 190);
  expect_colour(sets.test, 1, 210, 10, 20);
}

// The left half red, the right half blue.
TEST(ImageFolder, ReadsThePartThatIsChosen) {
  const TempDir dir;
  write_good_files(dir);
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 64; ++x) {
      const bool left = x < 32;
      pixels.insert(pixels.end(), {static_cast<std::uint8_t>(left ? 200 : 10), 20,
                                   static_cast<std::uint8_t>(left ? 10 : 200)});
    }
  dir.write("train/blue/z.jpeg", jpeg(pixels, 64, 40));
  const Datasets sets = read_datasets(folder_network(), dir.path());
  for (const int left : {0, 32}) {
    std::vector<std::uint8_t> out(8 * 8 * 3);
    sets.train.read_part(
        0,
        [left](const Shape& picture) {
          EXPECT_EQ(picture, (Shape{40, 64, 3}));
          return Rect{5, left, 30, 32};
        },
        out);
    for (std::size_t i = 0; i < out.size(); i += 3) ASSERT_NEAR(out[i], left == 0 ? 200 : 10, 4);
  }
}

TEST(ImageFolderErrors, DamagedImagesAreNamedWhenTheyAreRead) {
  const TempDir dir;
  write_good_files(dir);
  const std::string whole = plain_jpeg(100, 100, 1, 2, 3);
  const std::string path = dir.write("train/red/a.JPEG", whole.substr(0, whole.size() / 2));
  const Datasets sets = read_datasets(folder_network(), dir.path());
  std::vector<std::uint8_t> out(8 * 8 * 3);
  EXPECT_NO_THROW(sets.train.read(0, out));
  expect_error_with([&] { sets.train.read(1, out); },
                    {path + ": found ", "expected a whole JPEG image"});
  fs::remove(path);
  expect_error_with([&] { sets.train.read(1, out); }, {path + ": found No such file"});
}

void expect_refused(const TempDir& dir, const std::string& text) {
  expect_error([&dir] { (void)read_datasets(folder_network(), dir.path()); }, text);
}

TEST(ImageFolderErrors, FoldersThatAreNotThere) {
  for (const char* part : {"train", "val"}) {
    const TempDir dir;
    write_good_files(dir);
    fs::remove_all(dir.file(part));
    expect_refused(dir, dir.file(part) +
                            ": found no such folder, expected a folder for each class "
                            "in it");
  }
}

TEST(ImageFolderErrors, OtherNumberOfClasses) {
  const TempDir dir;
  write_good_files(dir);
  fs::create_directories(dir.file("train/green"));
  expect_refused(
      dir, dir.file("train") + ": classes: found 3 folders, expected 2, the network's classes");
}

TEST(ImageFolderErrors, OtherClassesInValidation) {
  TempDir dir;
  write_good_files(dir);
  fs::rename(dir.file("val/red"), dir.file("val/rad"));
  expect_refused(dir,
                 dir.file("val") + ": classes: found folder rad, expected folder red, as in train");
  fs::rename(dir.file("val/rad"), dir.file("val/red"));
  fs::create_directories(dir.file("val/white"));
  expect_refused(dir,
                 dir.file("val") + ": classes: found folder white, expected no more, as in train");
  fs::remove(dir.file("val/white"));
  fs::remove_all(dir.file("val/red"));
  expect_refused(dir,
                 dir.file("val") + ": classes: found the end, expected folder red, as in train");
}

TEST(ImageFolderErrors, WhatDoesNotBelongThere) {
  {
    const TempDir dir;
    write_good_files(dir);
    const std::string path = dir.file("train/red/c.jpg");
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    expect_refused(dir, path + ": found a pipe or a device, expected JPEG images alone");
  }
  {
    const TempDir dir;
    write_good_files(dir);
    const std::string path = dir.write("train/red/c.png", "x");
    expect_refused(dir, path + ": name: found c.png, expected one that ends in .jpg or .jpeg");
  }
  {
    const TempDir dir;
    write_good_files(dir);
    const std::string path = dir.write("val/list.txt", "x");
    expect_refused(dir, path + ": found a file, expected a folder, one for each class");
  }
  {
    const TempDir dir;
    write_good_files(dir);
    fs::create_directories(dir.file("train/red/more"));
    expect_refused(dir,
                   dir.file("train/red/more") + ": found a folder, expected JPEG images alone");
  }
}

TEST(ImageFolderErrors, AClassWithoutImages) {
  const TempDir dir;
  write_good_files(dir);
  fs::remove(dir.file("val/blue/y.jpg"));
  expect_refused(dir, dir.file("val/blue") + ": images: found 0, expected at least 1");
}

TEST(ImageFolderErrors, GreyNetwork) {
  const TempDir dir;
  write_good_files(dir);
  expect_error([&dir] { (void)read_datasets(folder_network(1), dir.path()); },
               "net.yaml: input.channels: found 1, expected 3: images are decoded to RGB");
}

}  // namespace
}  // namespace octet::workloads
