#include "model/float32/dnnl_layer.hpp"

#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

namespace octet::model::float32 {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;

memory::desc describe(const memory::dims& dims, Tag tag) {
  return {dims, memory::data_type::f32, tag};
}

// What the three primitives of a layer have in common.
struct Descriptors {
  memory::desc x, y, weight, any_weight, bias;  // bias: zero where the layer has none
};

Descriptors conv_descriptors(const ConvShape& s, bool bias) {
  Descriptors d;
  d.x = describe({s.batch, s.in_c, s.in_h, s.in_w}, Tag::nhwc);
  d.y = describe({s.batch, s.out_c, s.out_h, s.out_w}, Tag::nhwc);
  const memory::dim in = s.in_c / s.groups;
  const memory::dim out = s.out_c / s.groups;
  const memory::dim kernel = memory::dim{s.kernel_h} * s.kernel_w;
  memory::dims dims = {out, in, s.kernel_h, s.kernel_w};
  memory::dims strides = {kernel * in, 1, s.kernel_w * in, in};
  if (s.groups > 1) {
    dims.insert(dims.begin(), s.groups);
    strides.insert(strides.begin(), out * kernel * in);
  }
  d.weight = {dims, memory::data_type::f32, strides};
  d.any_weight = describe(dims, Tag::any);
  if (bias) d.bias = describe({s.out_c}, Tag::a);
  return d;
}

Descriptors product_descriptors(const ConvShape& s, bool bias) {
  Descriptors d;
  d.x = describe({s.batch, s.in_c}, Tag::nc);
  d.y = describe({s.batch, s.out_c}, Tag::nc);
  d.weight = describe({s.out_c, s.in_c}, Tag::oi);
  d.any_weight = describe({s.out_c, s.in_c}, Tag::any);
  if (bias) d.bias = describe({s.out_c}, Tag::a);
  return d;
}

bool is_product(const ConvShape& s) {
  return s.in_h == 1 && s.in_w == 1 && s.kernel_h == 1 && s.kernel_w == 1 && s.pad_h == 0 &&
         s.pad_w == 0 && s.groups == 1;
}

float* handle(std::span<const float> values) { return const_cast<float*>(values.data()); }

}  // namespace

struct DnnlLayer::Impl {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  memory x, y, dx, dy, weight, bias, dw, db;          // the caller's arrays
  memory forward_weight, backward_weight, packed_dw;  // in oneDNN's order
  dnnl::primitive forward, backward_data, backward_weights;
  dnnl::reorder pack_forward, pack_backward, unpack;
  bool has_bias = false;

  [[nodiscard]] memory view(const memory::desc& desc) const { return {desc, engine, nullptr}; }

  void convolution(const ConvShape& s, const Descriptors& d, bool data_gradient) {
    constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;
    const memory::dims strides = {s.stride_h, s.stride_w};
    const memory::dims dilation = {s.dilation_h - 1, s.dilation_w - 1};
    const memory::dims pad = {s.pad_h, s.pad_w};
    const dnnl::convolution_forward::primitive_desc hint(
        {dnnl::prop_kind::forward_training, kAlgorithm, d.x, d.any_weight, d.bias, d.y, strides,
         dilation, pad, pad},
        engine);
    forward = dnnl::convolution_forward(hint);
    forward_weight = {hint.weights_desc(), engine};
    const dnnl::convolution_backward_weights::primitive_desc weights(
        {kAlgorithm, d.x, d.any_weight, d.bias, d.y, strides, dilation, pad, pad}, engine, hint);
    backward_weights = dnnl::convolution_backward_weights(weights);
    packed_dw = {weights.diff_weights_desc(), engine};
    if (!data_gradient) return;
    const dnnl::convolution_backward_data::primitive_desc data(
        {kAlgorithm, d.x, d.any_weight, d.y, strides, dilation, pad, pad}, engine, hint);
    backward_data = dnnl::convolution_backward_data(data);
    backward_weight = {data.weights_desc(), engine};
  }

  void product(const Descriptors& d, bool data_gradient) {
    const dnnl::inner_product_forward::primitive_desc hint(
        {dnnl::prop_kind::forward_training, d.x, d.any_weight, d.bias, d.y}, engine);
    forward = dnnl::inner_product_forward(hint);
    forward_weight = {hint.weights_desc(), engine};
    const dnnl::inner_product_backward_weights::primitive_desc weights(
        {d.x, d.any_weight, d.bias, d.y}, engine, hint);
    backward_weights = dnnl::inner_product_backward_weights(weights);
    packed_dw = {weights.diff_weights_desc(), engine};
    if (!data_gradient) return;
    const dnnl::inner_product_backward_data::primitive_desc data({d.x, d.any_weight, d.y}, engine,
                                                                 hint);
    backward_data = dnnl::inner_product_backward_data(data);
    backward_weight = {data.weights_desc(), engine};
  }

  void run(const dnnl::primitive& primitive, const Arguments& arguments) {
    primitive.execute(stream, arguments);
    stream.wait();
  }
};

DnnlLayer::DnnlLayer(const ConvShape& shape, bool bias, bool data_gradient)
    : impl_(std::make_unique<Impl>()) {
  Impl& m = *impl_;
  const bool product = is_product(shape);
  const Descriptors d = product ? product_descriptors(shape, bias) : conv_descriptors(shape, bias);
  if (product) {
    m.product(d, data_gradient);
  } else {
    m.convolution(shape, d, data_gradient);
  }
  m.has_bias = bias;
  m.x = m.view(d.x);
  m.dx = m.view(d.x);
  m.y = m.view(d.y);
  m.dy = m.view(d.y);
  m.weight = m.view(d.weight);
  m.dw = m.view(d.weight);
  m.bias = m.view(d.bias);
  m.db = m.view(d.bias);
  m.pack_forward = dnnl::reorder(m.weight, m.forward_weight);
  m.unpack = dnnl::reorder(m.packed_dw, m.dw);
  if (data_gradient) m.pack_backward = dnnl::reorder(m.weight, m.backward_weight);
}

DnnlLayer::~DnnlLayer() = default;

void DnnlLayer::forward(std::span<const float> x, std::span<const float> weight,
                        std::span<const float> bias, std::span<float> y) {
  Impl& m = *impl_;
  m.weight.set_data_handle(handle(weight));
  m.x.set_data_handle(handle(x));
  m.y.set_data_handle(y.data());
  m.pack_forward.execute(m.stream, m.weight, m.forward_weight);
  Arguments arguments = {
      {DNNL_ARG_SRC, m.x}, {DNNL_ARG_WEIGHTS, m.forward_weight}, {DNNL_ARG_DST, m.y}};
  if (m.has_bias) {
    m.bias.set_data_handle(handle(bias));
    arguments.emplace(DNNL_ARG_BIAS, m.bias);
  }
  m.run(m.forward, arguments);
}

void DnnlLayer::data_gradient(std::span<const float> dy, std::span<const float> weight,
                              std::span<float> dx) {
  Impl& m = *impl_;
  m.weight.set_data_handle(handle(weight));
  m.dy.set_data_handle(handle(dy));
  m.dx.set_data_handle(dx.data());
  m.pack_backward.execute(m.stream, m.weight, m.backward_weight);
  m.run(m.backward_data, {{DNNL_ARG_DIFF_DST, m.dy},
                          {DNNL_ARG_WEIGHTS, m.backward_weight},
                          {DNNL_ARG_DIFF_SRC, m.dx}});
}

void DnnlLayer::weight_gradient(std::span<const float> x, std::span<const float> dy,
                                std::span<float> dw, std::span<float> db) {
  Impl& m = *impl_;
  m.x.set_data_handle(handle(x));
  m.dy.set_data_handle(handle(dy));
  m.dw.set_data_handle(dw.data());
  Arguments arguments = {
      {DNNL_ARG_SRC, m.x}, {DNNL_ARG_DIFF_DST, m.dy}, {DNNL_ARG_DIFF_WEIGHTS, m.packed_dw}};
  if (m.has_bias) {
    m.db.set_data_handle(db.data());
    arguments.emplace(DNNL_ARG_DIFF_BIAS, m.db);
  }
  m.run(m.backward_weights, arguments);
  m.unpack.execute(m.stream, m.packed_dw, m.dw);
  m.stream.wait();
}

}  // namespace octet::model::float32
