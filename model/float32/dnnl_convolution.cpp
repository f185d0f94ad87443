#include "model/float32/dnnl_convolution.hpp"

#include <algorithm>
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "model/float32/openmp_threads.hpp"
#include "model/float32/passes.hpp"

namespace octet::model::float32 {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;
constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;

memory::desc describe(const memory::dims& dims, Tag tag) {
  return {dims, memory::data_type::f32, tag};
}

float* handle(std::span<const float> values) { return const_cast<float*>(values.data()); }

// Memory that a primitive works in: one for each thread, as large as the largest that it ran.
memory scratchpad(const memory::desc& desc, const dnnl::engine& engine) {
  constexpr std::size_t kLine = 64;
  thread_local std::vector<std::byte> bytes;
  const std::size_t wanted = desc.get_size() + kLine;
  if (bytes.size() < wanted) bytes.resize(wanted);
  void* at = bytes.data();
  std::size_t space = bytes.size();
  return {desc, engine, std::align(kLine, desc.get_size(), at, space)};
}

// Weights in the model's order.
memory::desc plain_weights(const ConvShape& s) {
  const memory::dim in = s.in_c / s.groups;
  const memory::dim out = s.out_c / s.groups;
  const memory::dim kernel = memory::dim{s.kernel_h} * s.kernel_w;
  memory::dims dims = {out, in, s.kernel_h, s.kernel_w};
  memory::dims strides = {kernel * in, 1, s.kernel_w * in, in};
  if (s.groups > 1) {
    dims.insert(dims.begin(), s.groups);
    strides.insert(strides.begin(), out * kernel * in);
  }
  return {dims, memory::data_type::f32, strides};
}

// The order in which each primitive wants the weights; `any` until the first slice chose.
struct WeightOrders {
  memory::desc forward, backward, gradient;
};

// A primitive and the memory that it works in.
template <class Primitive>
struct Ready {
  typename Primitive::primitive_desc desc;
  Primitive primitive;
  Ready() = default;
  explicit Ready(const typename Primitive::primitive_desc& d) : desc(d), primitive(d) {}
};
using Reorder = Ready<dnnl::reorder>;

// The primitives for slices of one number of images.
struct Primitives {
  memory::desc x, y;
  Ready<dnnl::convolution_forward> forward;
  Ready<dnnl::convolution_backward_data> data;
  Ready<dnnl::convolution_backward_weights> weights;
};

}  // namespace

struct DnnlConvolution::Impl {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  dnnl::primitive_attr attributes;
  bool has_bias, has_data_gradient;
  memory::desc weight, bias;  // bias: zero where the layer has none
  std::map<int, Primitives> primitives;
  WeightOrders orders;
  memory forward_weight, backward_weight;
  Reorder pack_forward, pack_backward, unpack;
  std::vector<memory> weight_parts;  // one a slice
  std::vector<std::vector<float>> bias_parts;

  Impl(const ConvShape& shape, const Slices& slices, bool with_bias, bool data_gradient)
      : has_bias(with_bias), has_data_gradient(data_gradient), weight(plain_weights(shape)) {
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const memory::desc any = describe(weight.dims(), Tag::any);
    orders = {any, any, any};
    if (with_bias) bias = describe({shape.out_c}, Tag::a);
    for (int i = 0; i < slices.count(); ++i) {
      ConvShape part = shape;
      part.batch = slices.at(i).images();
      if (!primitives.contains(part.batch)) make(part, primitives[part.batch]);
      weight_parts.emplace_back(orders.gradient, engine);
      bias_parts.emplace_back(with_bias ? static_cast<std::size_t>(shape.out_c) : 0);
    }
    forward_weight = {orders.forward, engine};
    pack_forward = reorder(weight, orders.forward);
    unpack = reorder(orders.gradient, weight);
    if (!data_gradient) return;
    backward_weight = {orders.backward, engine};
    pack_backward = reorder(weight, orders.backward);
  }

  [[nodiscard]] Reorder reorder(const memory::desc& from, const memory::desc& to) const {
    return Reorder({engine, from, engine, to, attributes});
  }

  void make(const ConvShape& s, Primitives& p) {
    p.x = describe({s.batch, s.in_c, s.in_h, s.in_w}, Tag::nhwc);
    p.y = describe({s.batch, s.out_c, s.out_h, s.out_w}, Tag::nhwc);
    const memory::dims strides = {s.stride_h, s.stride_w};
    const memory::dims dilation = {s.dilation_h - 1, s.dilation_w - 1};
    const memory::dims pad = {s.pad_h, s.pad_w};
    p.forward =
        Ready<dnnl::convolution_forward>({{dnnl::prop_kind::forward_training, kAlgorithm, p.x,
                                           orders.forward, bias, p.y, strides, dilation, pad, pad},
                                          attributes,
                                          engine});
    orders.forward = p.forward.desc.weights_desc();
    p.weights = Ready<dnnl::convolution_backward_weights>(
        {{kAlgorithm, p.x, orders.gradient, bias, p.y, strides, dilation, pad, pad},
         attributes,
         engine,
         p.forward.desc});
    orders.gradient = p.weights.desc.diff_weights_desc();
    if (!has_data_gradient) return;
    p.data = Ready<dnnl::convolution_backward_data>(
        {{kAlgorithm, p.x, orders.backward, p.y, strides, dilation, pad, pad},
         attributes,
         engine,
         p.forward.desc});
    orders.backward = p.data.desc.weights_desc();
  }

  [[nodiscard]] memory view(const memory::desc& desc, std::span<const float> values) const {
    return {desc, engine, handle(values)};
  }

  template <class Primitive>
  void run(const Ready<Primitive>& ready, Arguments arguments) {
    arguments.emplace(DNNL_ARG_SCRATCHPAD, scratchpad(ready.desc.scratchpad_desc(), engine));
    ready.primitive.execute(stream, arguments);
  }
};

DnnlConvolution::DnnlConvolution(const ConvShape& shape, const Slices& slices, bool bias,
                                 bool data_gradient) {
  set_openmp_threads(1);
  impl_ = std::make_unique<Impl>(shape, slices, bias, data_gradient);
}

DnnlConvolution::~DnnlConvolution() = default;

void DnnlConvolution::pack(std::span<const float> weight) {
  Impl& m = *impl_;
  const memory plain = m.view(m.weight, weight);
  const auto run = [&](const Reorder& reorder, const memory& to) {
    m.run(reorder, {{DNNL_ARG_FROM, plain}, {DNNL_ARG_TO, to}});
  };
  run(m.pack_forward, m.forward_weight);
  if (m.has_data_gradient) run(m.pack_backward, m.backward_weight);
}

void DnnlConvolution::forward(const Slice& slice, std::span<const float> x,
                              std::span<const float> bias, std::span<float> y) {
  Impl& m = *impl_;
  const Primitives& p = m.primitives.at(slice.images());
  Arguments arguments = {{DNNL_ARG_SRC, m.view(p.x, x)},
                         {DNNL_ARG_WEIGHTS, m.forward_weight},
                         {DNNL_ARG_DST, m.view(p.y, y)}};
  if (m.has_bias) arguments.emplace(DNNL_ARG_BIAS, m.view(m.bias, bias));
  m.run(p.forward, std::move(arguments));
}

void DnnlConvolution::data_gradient(const Slice& slice, std::span<const float> dy,
                                    std::span<float> dx) {
  Impl& m = *impl_;
  const Primitives& p = m.primitives.at(slice.images());
  m.run(p.data, {{DNNL_ARG_DIFF_DST, m.view(p.y, dy)},
                 {DNNL_ARG_WEIGHTS, m.backward_weight},
                 {DNNL_ARG_DIFF_SRC, m.view(p.x, dx)}});
}

void DnnlConvolution::weight_gradient(const Slice& slice, std::span<const float> x,
                                      std::span<const float> dy) {
  Impl& m = *impl_;
  const Primitives& p = m.primitives.at(slice.images());
  const auto index = static_cast<std::size_t>(slice.index);
  Arguments arguments = {{DNNL_ARG_SRC, m.view(p.x, x)},
                         {DNNL_ARG_DIFF_DST, m.view(p.y, dy)},
                         {DNNL_ARG_DIFF_WEIGHTS, m.weight_parts[index]}};
  if (m.has_bias) arguments.emplace(DNNL_ARG_DIFF_BIAS, m.view(m.bias, m.bias_parts[index]));
  m.run(p.weights, std::move(arguments));
}

void DnnlConvolution::sum_weight_gradient(std::span<float> dw, std::span<float> db) {
  Impl& m = *impl_;
  const auto add = passes<float>().accumulate;
  const auto values = [](const memory& part) {
    return static_cast<float*>(part.get_data_handle());
  };
  const std::size_t size = m.orders.gradient.get_size() / sizeof(float);
  for (std::size_t i = 1; i < m.weight_parts.size(); ++i)
    add(values(m.weight_parts[i]), size, values(m.weight_parts[0]));
  m.run(m.unpack, {{DNNL_ARG_FROM, m.weight_parts[0]}, {DNNL_ARG_TO, m.view(m.weight, dw)}});
  std::fill(db.begin(), db.end(), 0.0F);
  for (const std::vector<float>& part : m.bias_parts) add(part.data(), db.size(), db.data());
}

}  // namespace octet::model::float32
