// Range-BN gradient sums of one channel: A = sum (G - z), B = sum (G - z)(256 q - mu).
//
// Widths:   G and z 16 bits (8-bit gradients come zero-extended), q 8, mu 16; A 41 bits signed, B
//           57 bits signed, for n <= 2^24.
// Rounding: none.
// Cycles:   load_i one cycle, then one value a cycle; the sums hold a value two cycles after it
//           came.
// Source:   docs/numerics.md sections 6 (Gradients) and 11.
module range_bn_grad_sums (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic               load_i,
    input  logic        [15:0] zero_point_i,
    input  logic        [15:0] mu_i,
    input  logic               valid_i,
    input  logic        [ 7:0] q_i,
    input  logic        [15:0] g_i,
    output logic signed [40:0] grad_sum_o,
    output logic signed [56:0] grad_product_o
);
  logic valid_q;
  logic signed [16:0] gradient_q;
  logic signed [17:0] deviation_q;
  logic signed [34:0] product;
  logic signed [40:0] grad_sum_q;
  logic signed [56:0] grad_product_q;

  assign product = 35'(gradient_q) * 35'(deviation_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= valid_i;
  end
  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      gradient_q  <= $signed({1'b0, g_i}) - $signed({1'b0, zero_point_i});
      deviation_q <= $signed({2'b00, q_i, 8'd0}) - $signed({2'b00, mu_i});
    end
    if (load_i) begin
      grad_sum_q     <= '0;
      grad_product_q <= '0;
    end else if (valid_q) begin
      grad_sum_q     <= grad_sum_q + 41'(gradient_q);
      grad_product_q <= grad_product_q + 57'(product);
    end
  end

  assign grad_sum_o     = grad_sum_q;
  assign grad_product_o = grad_product_q;
endmodule
