#include "model/trainer/identity.hpp"

#include <fmt/core.h>
#include <zlib.h>

#include "common/error.hpp"
#include "common/hash.hpp"

// Each struct is taken apart by a structured binding with all of its members: whoever adds a member
// is stopped by the compiler here, and decides whether it is part of a run's identity.
namespace octet::model {
namespace {

using workloads::Network;

template <class... T>
void add_integers(Fnv1a& hash, const T&... values) {
  (hash.add(static_cast<std::int64_t>(values)), ...);
}

void add_list(Fnv1a& hash, const std::vector<int>& values) {
  add_integers(hash, values.size());
  for (const int value : values) add_integers(hash, value);
}

void add_text(Fnv1a& hash, const std::string& text) {
  add_integers(hash, text.size());
  hash.add_bytes(std::as_bytes(std::span(text)));
}

void add_shape(Fnv1a& hash, const workloads::Shape& shape) {
  const auto& [height, width, channels] = shape;
  add_integers(hash, height, width, channels);
}

void add_node(Fnv1a& hash, const workloads::Node& node) {
  const auto& [id, name, op, inputs, consumers, window, bias, in, out] = node;
  const auto& [kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w,
               groups] = window;
  add_text(hash, workloads::op_name(op));
  add_list(hash, inputs);
  add_integers(hash, kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w,
               groups, bias);
  add_shape(hash, in);
  add_shape(hash, out);
}

std::uint64_t network_hash(const Network& network) {
  Fnv1a hash;
  const auto& [name, file, description, classes, dataset, schedule, nodes] = network;
  add_integers(hash, classes, nodes.size());
  for (const workloads::Node& node : nodes) add_node(hash, node);
  {
    // The kind and the path do not matter: the data have their own checksum.
    const auto& [kind, path, hint, mean, deviation, augment, pad] = dataset;
    hash.add(mean);
    hash.add(deviation);
    add_integers(hash, augment, pad);
  }
  const auto& [kind, peak_rate, warmup, momentum, nesterov, weight_decay, milestones, epochs,
               batch] = schedule;  // epochs and batch are compared on their own
  add_text(hash, kind);
  hash.add(peak_rate);
  hash.add(warmup);
  hash.add(momentum);
  add_integers(hash, nesterov);
  hash.add(weight_decay);
  add_list(hash, milestones);
  return hash.value();
}

std::uint64_t recipe_hash(const Recipe& recipe) {
  Fnv1a hash;
  const auto& [name, file, float32, bits, rounding, bifurcated, norm, range_constant, chunks,
               delayed_ranges, sample_mean_extremes] = recipe;
  {
    const auto& [weight, activation, gradient, weight_gradient] = bits;
    add_integers(hash, weight, activation, gradient, weight_gradient);
  }
  const auto& [activation, gradient, weight_gradient] = rounding;
  add_integers(hash, float32, activation, gradient, weight_gradient, bifurcated, norm,
               range_constant, chunks, delayed_ranges, sample_mean_extremes);
  return hash.value();
}

template <class List>
std::uint32_t checksum(std::uint32_t sum, const List& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return static_cast<std::uint32_t>(
      crc32_z(sum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Pictures that are decoded on demand count by their names and the sizes of their files: reading
// them all would take minutes. Other bytes of the same number are not noticed.
std::uint32_t data_checksum(const workloads::Datasets& data) {
  std::uint32_t sum = 0;
  for (const workloads::Dataset* part : {&data.train, &data.test}) {
    const auto& [shape, pixels, labels, source] = *part;  // the network has the shape
    sum = checksum(checksum(sum, pixels), labels);
    for (long i = 0; source != nullptr && i < part->images(); ++i) {
      sum = checksum(sum, fmt::format("{} {}\n", source->name(i), source->file_bytes(i)));
    }
  }
  return sum;
}

}  // namespace

RunIdentity run_identity(const Network& network, const Recipe& recipe,
                         const workloads::Datasets& data, std::uint32_t seed) {
  RunIdentity identity;
  identity.network = network.name;
  identity.recipe = recipe.name;
  identity.network_hash = network_hash(network);
  identity.recipe_hash = recipe_hash(recipe);
  identity.train_images = data.train.images();
  identity.test_images = data.test.images();
  identity.data_checksum = data_checksum(data);
  identity.seed = seed;
  identity.batch = network.schedule.batch;
  identity.epochs = network.schedule.epochs;
  return identity;
}

void check_same_run(const std::string& file, const RunIdentity& found,
                    const RunIdentity& expected) {
  const auto named = [](const std::string& name, std::uint64_t hash) {
    return fmt::format("{} (hash {:016x})", name, hash);
  };
  const auto images = [](const RunIdentity& run) {
    return fmt::format("{} and {} images (checksum {:08x})", run.train_images, run.test_images,
                       run.data_checksum);
  };
  const auto number = [&](const char* field, std::int64_t has, std::int64_t wants) {
    if (has != wants)
      throw input_error(file, field, std::to_string(has), std::to_string(wants) + " as asked for");
  };
  if (found.network_hash != expected.network_hash) {
    const std::string wanted = named(expected.network, expected.network_hash);
    throw input_error(file, "network", named(found.network, found.network_hash),
                      found.network == expected.network
                          ? wanted + ": its layers, mean, deviation, augment or training differ"
                          : wanted);
  }
  if (found.recipe_hash != expected.recipe_hash)
    throw input_error(file, "recipe", named(found.recipe, found.recipe_hash),
                      named(expected.recipe, expected.recipe_hash));
  number("seed", found.seed, expected.seed);
  number("batch", found.batch, expected.batch);
  number("epochs", found.epochs, expected.epochs);
  if (images(found) != images(expected))
    throw input_error(file, "data", images(found), images(expected));
}

}  // namespace octet::model
