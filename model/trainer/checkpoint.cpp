#include "model/trainer/checkpoint.hpp"

#include <zlib.h>

#include <array>
#include <bit>
#include <cstring>
#include <type_traits>

#include "common/error.hpp"
#include "common/file.hpp"

namespace octet::model {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie");

constexpr std::string_view kMagic = "OctetCkp";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = kMagic.size() + sizeof(std::uint32_t) + sizeof(std::uint64_t);

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Writer and Reader have the same calls, so that one function below is the format.
class Writer {
 public:
  template <class T>
  void number(const T& value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(const std::string& text) {
    number(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void floats(std::span<const float> values) {
    number(static_cast<std::uint64_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  }
  template <class T>
  void count(const std::vector<T>& list) {
    number(static_cast<std::uint32_t>(list.size()));
  }
  [[nodiscard]] std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  Reader(const std::string& file, std::string_view bytes) : file_(file), left_(bytes) {}
  template <class T>
  void number(T& value) {
    std::memcpy(&value, take(1, sizeof value).data(), sizeof value);
  }
  void text(std::string& text) {
    std::uint32_t size = 0;
    number(size);
    text = take(size, 1);
  }
  template <class Floats>
  void floats(Floats& values) {
    std::uint64_t size = 0;
    number(size);
    const std::string_view bytes = take(size, sizeof(float));
    values.resize(size);
    if (size > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
  }
  template <class T>
  void count(std::vector<T>& list) {
    std::uint32_t size = 0;
    number(size);
    if (size > left_.size()) throw wrong();  // an element has a byte at least
    list.resize(size);
  }
  void finish() const {
    if (!left_.empty()) throw wrong();
  }

 private:
  [[nodiscard]] Error wrong() const {
    return input_error(file_, "", "counts that are not those of its length",
                       "a checkpoint of octet train");
  }
  std::string_view take(std::uint64_t count, std::size_t size) {
    if (count > left_.size() / size) throw wrong();
    const std::string_view taken = left_.substr(0, count * size);
    left_.remove_prefix(taken.size());
    return taken;
  }

  const std::string& file_;
  std::string_view left_;
};

template <class Archive, class Value>
void archive_range(Archive& archive, Value& range) {
  archive.number(range.low);
  archive.number(range.high);
}

// The body of the file, in order. The parts are const where they are written.
template <class Archive, class Identity, class Progress, class State>
void archive_body(Archive& archive, Identity& identity, Progress& progress, State& state) {
  archive.text(identity.network);
  archive.text(identity.recipe);
  archive.number(identity.network_hash);
  archive.number(identity.recipe_hash);
  archive.number(identity.train_images);
  archive.number(identity.test_images);
  archive.number(identity.data_checksum);
  archive.number(identity.seed);
  archive.number(identity.batch);
  archive.number(identity.epochs);

  archive.count(progress.epochs);
  for (auto& epoch : progress.epochs) {
    archive.number(epoch.epoch);
    archive.number(epoch.loss);
    archive.number(epoch.train_accuracy);
    archive.number(epoch.test_accuracy);
    archive.number(epoch.seconds);
    archive.number(epoch.images_per_second);
    archive.number(epoch.saturations);
    archive.number(epoch.dead_channels);
  }
  archive.number(progress.step);
  archive.number(progress.loss_sum);
  archive.number(progress.correct);
  archive.number(progress.saturations);
  archive.number(progress.dead_channels);
  archive.number(progress.seconds);

  archive.number(state.seed);
  archive.number(state.step);
  archive.count(state.nodes);
  for (auto& node : state.nodes) {
    archive.floats(node.weight);
    archive.floats(node.weight_velocity);
    archive.floats(node.bias);
    archive.floats(node.bias_velocity);
    archive.floats(node.running_mean);
    archive.floats(node.running_spread);
    archive_range(archive, node.running_output);
    archive_range(archive, node.delayed_output);
    archive_range(archive, node.delayed_gradient);
  }
}

std::array<std::size_t, 6> sizes(const NodeState& node) {
  return {node.weight.size(),        node.weight_velocity.size(), node.bias.size(),
          node.bias_velocity.size(), node.running_mean.size(),    node.running_spread.size()};
}

}  // namespace

std::string checkpoint_bytes(const RunIdentity& identity, const RunProgress& progress,
                             const TrainingState& state) {
  Writer writer;
  writer.bytes() = kMagic;
  writer.number(kVersion);
  writer.number(std::uint64_t{0});
  archive_body(writer, identity, progress, state);
  std::string& bytes = writer.bytes();
  const std::uint64_t length = bytes.size() + sizeof(std::uint32_t);
  std::memcpy(&bytes[kHeaderBytes - sizeof length], &length, sizeof length);
  writer.number(checksum(bytes));
  return std::move(bytes);
}

Checkpoint parse_checkpoint(const std::string& file, std::string_view bytes) {
  if (!bytes.starts_with(kMagic))
    throw input_error(file, "", "another kind of file", "a checkpoint of octet train");
  if (bytes.size() < kHeaderBytes + sizeof(std::uint32_t))
    throw input_error(file, "length", std::to_string(bytes.size()) + " bytes",
                      "more than the header's");
  Reader header(file, bytes.substr(kMagic.size(), kHeaderBytes - kMagic.size()));
  std::uint32_t version = 0;
  std::uint64_t length = 0;
  header.number(version);
  header.number(length);
  if (length != bytes.size())
    throw input_error(file, "length", std::to_string(bytes.size()) + " bytes",
                      std::to_string(length) + ": it is truncated or damaged");
  const std::string_view end = bytes.substr(bytes.size() - sizeof(std::uint32_t));
  bytes.remove_suffix(end.size());
  std::uint32_t sum = 0;
  Reader(file, end).number(sum);
  if (sum != checksum(bytes))
    throw input_error(file, "checksum", "one of other bytes", "an undamaged file");
  if (version != kVersion)
    throw input_error(file, "version", std::to_string(version),
                      std::to_string(kVersion) + ": another version of octet wrote it");

  Checkpoint checkpoint;
  checkpoint.file = file;
  Reader body(file, bytes.substr(kHeaderBytes));
  archive_body(body, checkpoint.identity, checkpoint.progress, checkpoint.state);
  body.finish();
  return checkpoint;
}

void write_checkpoint(const std::string& file, const RunIdentity& identity,
                      const RunProgress& progress, const TrainingState& state) {
  write_file(file, checkpoint_bytes(identity, progress, state));
}

Checkpoint read_checkpoint(const std::string& file) {
  const std::vector<std::uint8_t> bytes = read_maybe_gzip(file);
  return parse_checkpoint(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void check_fits(const Checkpoint& checkpoint, const TrainingState& fresh, long steps_per_epoch) {
  const auto refuse = [&](const std::string& field, std::int64_t found, const std::string& wants) {
    throw input_error(checkpoint.file, field, std::to_string(found), wants);
  };
  const RunProgress& progress = checkpoint.progress;
  const TrainingState& state = checkpoint.state;
  const auto epochs = static_cast<std::int64_t>(progress.epochs.size());
  if (epochs > checkpoint.identity.epochs)
    refuse("epochs finished", epochs, "at most " + std::to_string(checkpoint.identity.epochs));
  const long most = checkpoint.finished() ? 0 : steps_per_epoch;
  if (progress.step < 0 || progress.step > most)
    refuse("step of the epoch", progress.step, "0 to " + std::to_string(most));
  if (std::int64_t{state.step} != epochs * steps_per_epoch + progress.step)
    refuse("steps finished", state.step,
           std::to_string(epochs * steps_per_epoch + progress.step) + " at its position");
  if (state.seed != fresh.seed) refuse("seed", state.seed, std::to_string(fresh.seed));
  if (state.nodes.size() != fresh.nodes.size())
    refuse("nodes", static_cast<std::int64_t>(state.nodes.size()),
           std::to_string(fresh.nodes.size()));
  for (std::size_t i = 0; i < fresh.nodes.size(); ++i)
    if (sizes(state.nodes[i]) != sizes(fresh.nodes[i]))
      throw input_error(checkpoint.file, "node " + std::to_string(i), "tensors of other sizes",
                        "those of the network");
}

}  // namespace octet::model
