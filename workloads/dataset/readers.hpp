#pragma once
#include <string>

#include "workloads/dataset/dataset.hpp"

// The kinds of data sets, one file each; what they share. For read_datasets.cpp.
namespace octet::workloads {

// Each reads the training and the test part from a folder that exists, and throws octet::Error
// where they do not fit the network. The check_ functions look at the network alone.
void check_idx_network(const Network& network);
[[nodiscard]] Datasets read_idx(const Network& network, const std::string& folder);
void check_cifar10_network(const Network& network);
[[nodiscard]] Datasets read_cifar10(const Network& network, const std::string& folder);
void check_image_folder_network(const Network& network);
[[nodiscard]] Datasets read_image_folder(const Network& network, const std::string& folder);

// The path of `name` or `name`.gz in `folder`; the plain file wins. Throws where neither is there.
[[nodiscard]] std::string find_file(const std::string& folder, const std::string& name);

}  // namespace octet::workloads
