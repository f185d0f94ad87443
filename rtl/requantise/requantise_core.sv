// One requantiser lane up to the 32-bit value: RQ (nearest) or RS (stochastic) of x.
//
// Widths:   x and mantissa 32 bits signed, exponent 6 bits signed in [-30, 31], 16 random bits;
//           value 32 bits signed. tag_i travels with its element.
// Rounding: nearest: x saturated to int32 after the left shift, then SRDHM, then RDBPOT;
//           stochastic: requantise_stochastic. One multiplier serves both.
// Cycles:   latency 3, one element a cycle; a refused output holds the whole pipeline.
// Source:   docs/numerics.md section 2.
module requantise_core #(
    parameter int TAG_W = 1
) (
    input  logic                    clk_i,
    input  logic                    rst_ni,
    input  logic                    valid_i,
    output logic                    ready_o,
    input  logic signed [     31:0] x_i,
    input  logic signed [     31:0] mantissa_i,
    input  logic signed [      5:0] exponent_i,
    input  logic                    stochastic_i,
    input  logic        [     15:0] random_i,
    input  logic        [TAG_W-1:0] tag_i,
    output logic                    valid_o,
    input  logic                    ready_i,
    output logic signed [     31:0] value_o,
    output logic        [TAG_W-1:0] tag_o
);
  logic advance;
  logic valid1_q, valid2_q, valid3_q;
  assign advance = !valid3_q || ready_i;
  assign ready_o = advance;

  // Stage 1: the left shift of a negative exponent, saturated.
  logic [4:0] left;
  logic signed [61:0] shifted;
  logic signed [31:0] saturated, operand_q, mantissa_q;
  logic signed [5:0] exponent1_q, exponent2_q;
  logic stochastic1_q, stochastic2_q;
  logic [15:0] random1_q, random2_q;
  logic [TAG_W-1:0] tag1_q, tag2_q, tag3_q;

  assign left = (exponent_i[5] && !stochastic_i) ? 5'd0 - exponent_i[4:0] : 5'd0;
  assign shifted = 62'(x_i) <<< left;
  always_comb begin
    saturated = shifted[31:0];
    if (shifted[61:31] != {31{shifted[61]}}) begin
      saturated = shifted[61] ? 32'sh8000_0000 : 32'sh7fff_ffff;
    end
  end

  // Stage 2: the product.
  logic signed [63:0] product_q;

  // Stage 3: the rounding.
  logic signed [31:0] high, nearest, drawn, value_q;
  logic [4:0] right;
  assign right = exponent2_q[5] ? 5'd0 : exponent2_q[4:0];
  srdhm u_srdhm (
      .product_i(product_q),
      .y_o      (high)
  );
  rdbpot u_rdbpot (
      .x_i       (high),
      .exponent_i(right),
      .y_o       (nearest)
  );
  requantise_stochastic u_stochastic (
      .product_i (product_q),
      .exponent_i(exponent2_q),
      .random_i  (random2_q),
      .y_o       (drawn)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      valid3_q <= 1'b0;
    end else if (advance) begin
      valid1_q <= valid_i;
      valid2_q <= valid1_q;
      valid3_q <= valid2_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) begin
      operand_q     <= saturated;
      mantissa_q    <= mantissa_i;
      exponent1_q   <= exponent_i;
      stochastic1_q <= stochastic_i;
      random1_q     <= random_i;
      tag1_q        <= tag_i;

      product_q     <= 64'(operand_q) * 64'(mantissa_q);
      exponent2_q   <= exponent1_q;
      stochastic2_q <= stochastic1_q;
      random2_q     <= random1_q;
      tag2_q        <= tag1_q;

      value_q       <= stochastic2_q ? drawn : nearest;
      tag3_q        <= tag2_q;
    end
  end

  assign valid_o = valid3_q;
  assign value_o = value_q;
  assign tag_o   = tag3_q;
endmodule
