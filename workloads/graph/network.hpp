#pragma once
#include <string>
#include <vector>

namespace octet::workloads {

// One image or feature map, channels last: element (y, x, c) is at (y * width + x) * channels + c.
struct Shape {
  int height = 0;
  int width = 0;
  int channels = 0;
  [[nodiscard]] long elements() const { return long{height} * width * channels; }
  bool operator==(const Shape&) const = default;
};
[[nodiscard]] std::string to_text(const Shape& shape);  // "28x28x1"

enum class Op {
  kInput,
  kConv,            // weights [out][kernel_h][kernel_w][in / groups]
  kFullyConnected,  // weights [out][in elements], the input read in its own (y, x, c) order
  kNorm,            // Range BN, ordinary BN or nothing: the recipe says which
  kRelu,
  kMaxPool,
  kAvgPool,
  kAdd,                  // two inputs of one shape
  kShortcut,             // every stride-th pixel, zero channels added on both sides
  kSoftmaxCrossEntropy,  // always the last node, exactly one; out: the probabilities
};
[[nodiscard]] const char* op_name(Op op);  // "conv", "fc", "norm", ...

// Geometry of a convolution or pooling window, in elements.
struct Window {
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int pad_h = 0, pad_w = 0;  // on both sides
  int dilation_h = 1, dilation_w = 1;
  int groups = 1;
};

struct Node {
  int id = 0;  // index in Network::nodes
  std::string name;
  Op op = Op::kInput;
  std::vector<int> inputs;     // node ids, each below this id
  std::vector<int> consumers;  // node ids, each above this id
  Window window;               // conv and pools; shortcut: its stride
  bool bias = false;           // conv and fc
  Shape in, out;               // of one image
  // Multiply-accumulates of the forward pass for one image; 0 without weights.
  [[nodiscard]] long macs() const;
  [[nodiscard]] long weights() const;   // elements of the weight tensor, without bias; 0 without
  [[nodiscard]] int reduction() const;  // K of the forward GEMM: kernel_h*kernel_w*in/groups, or in
};

struct Schedule {
  std::string kind = "one-cycle";  // one-cycle | cosine | step | constant
  float peak_rate = 0.05F;
  float warmup = 0.2F;  // share of all steps (one-cycle and cosine)
  float momentum = 0.9F;
  bool nesterov = true;
  float weight_decay = 1e-4F;   // on weights of conv and fc only
  std::vector<int> milestones;  // step: epochs at which the rate falls to a tenth
  int epochs = 5;
  int batch = 128;
};

// Learning rate of step `step` of `steps` (0 <= step < steps), float32, no libm: docs/numerics.md.
[[nodiscard]] float learning_rate(const Schedule& schedule, long step, long steps,
                                  long steps_per_epoch);

// How a training image is varied: docs/numerics.md section 10.
enum class Augment {
  kNone,
  kCropFlip,     // a crop of the image with a black border of `pad` pixels, mirrored or not
  kResizedCrop,  // a random part, brought to the input's size, mirrored or not
};

// Data that a network expects: byte images, real value (pixel / 255 - mean) / deviation.
struct DatasetSpec {
  std::string kind = "idx";  // idx | cifar10 | image_folder: workloads/README.md
  std::string path;          // default directory
  std::string hint;          // how to get it, shown where it is missing
  float mean = 0.0F;
  float deviation = 1.0F;
  Augment augment = Augment::kNone;
  int pad = 0;  // pixels on each side (crop_flip)
};

struct Network {
  std::string name;
  std::string file;
  std::string description;
  int classes = 0;
  DatasetSpec dataset;
  Schedule schedule;
  std::vector<Node> nodes;  // topological order; nodes[0] is the input
  [[nodiscard]] const Node& input() const { return nodes.front(); }
  [[nodiscard]] const Node& loss() const { return nodes.back(); }
  [[nodiscard]] long macs() const;  // forward, one image
};

// Reads and checks a network file: unknown keys, sizes, joining shapes. Throws octet::Error.
[[nodiscard]] Network read_network(const std::string& path);
// `name` is a file's path or the name of a network that comes with Octet. Throws octet::Error.
[[nodiscard]] Network find_network(const std::string& name);
struct NetworkEntry {
  std::string name, file, description;
};
[[nodiscard]] std::vector<NetworkEntry> list_networks();

}  // namespace octet::workloads
