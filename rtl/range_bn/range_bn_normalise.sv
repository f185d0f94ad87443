// Range-BN normalisation of one channel: y = sat(z + RDBPOT(RQ(256 q - mu, m, e) + b, 8), 0, Q).
//
// Widths:   q 8 bits, mu 32 bits signed (16 in training), mantissa 32 signed, exponent 6 signed,
//           bias 32 signed (|b| <= 2^30), v 33 signed, y 8 bits. last_i travels with its value.
// Rounding: requantise_core to nearest, then RDBPOT by 8 of 33 bits, or with stochastic_i
//           floor((v + (r >> 8)) / 256).
// Cycles:   latency 4, one value a cycle; a refused output holds the pipeline.
// Source:   docs/numerics.md section 6, Normalise.
module range_bn_normalise (
    input  logic               clk_i,
    input  logic               rst_ni,
    // Scalars of the channel, held while values are inside.
    input  logic signed [31:0] mu_i,
    input  logic signed [31:0] mantissa_i,
    input  logic signed [ 5:0] exponent_i,
    input  logic signed [31:0] bias_i,
    input  logic        [ 7:0] zero_point_i,
    input  logic        [ 7:0] q_max_i,
    input  logic               stochastic_i,
    // Values.
    input  logic               valid_i,
    output logic               ready_o,
    input  logic        [ 7:0] q_i,
    input  logic        [15:0] random_i,
    input  logic               last_i,
    output logic               valid_o,
    input  logic               ready_i,
    output logic        [ 7:0] y_o,
    output logic               last_o
);
  logic signed [31:0] deviation, value;
  logic value_valid, value_ready, value_last;
  logic [7:0] value_random;
  assign deviation = $signed({16'd0, q_i, 8'd0}) - mu_i;

  requantise_core #(
      .TAG_W(9)
  ) u_core (
      .clk_i       (clk_i),
      .rst_ni      (rst_ni),
      .valid_i     (valid_i),
      .ready_o     (ready_o),
      .x_i         (deviation),
      .mantissa_i  (mantissa_i),
      .exponent_i  (exponent_i),
      .stochastic_i(1'b0),
      .random_i    (16'd0),
      .tag_i       ({last_i, random_i[15:8]}),
      .valid_o     (value_valid),
      .ready_i     (value_ready),
      .value_o     (value),
      .tag_o       ({value_last, value_random})
  );

  logic signed [32:0] v, nearest, drawn, rounded;
  logic signed [33:0] sum;
  assign v     = 33'(value) + 33'(bias_i);
  assign drawn = (v + $signed({25'd0, value_random})) >>> 8;
  rdbpot #(
      .W(33)
  ) u_rdbpot (
      .x_i       (v),
      .exponent_i(5'd8),
      .y_o       (nearest)
  );
  assign rounded = stochastic_i ? drawn : nearest;
  assign sum     = 34'(rounded) + $signed({26'd0, zero_point_i});

  logic valid_q, last_q;
  logic [7:0] y_q;
  assign value_ready = !valid_q || ready_i;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (value_ready) valid_q <= value_valid;
  end
  always_ff @(posedge clk_i) begin
    if (value_ready) begin
      last_q <= value_last;
      if (sum < 0) y_q <= '0;
      else if (sum > $signed({26'd0, q_max_i})) y_q <= q_max_i;
      else y_q <= sum[7:0];
    end
  end

  assign valid_o = valid_q;
  assign y_o     = y_q;
  assign last_o  = last_q;

  logic unused_random;
  assign unused_random = ^random_i[7:0];
endmodule
