// The divider's work of Range BN, one operation at a time.
//
//   op        value_o                                              steps
//   Split     floor(n / K), remainder_o = n mod K                    25
//   Mean      mu = floor((256 S + floor(n/2)) / n)                   40
//   Inverse   rho = floor((2^30 + floor(R/2)) / R)                   31
//   GradMean  mg = div_away(256 A, n)                                40
//   Extreme   t = sat(div_away(B, R), -2^30, 2^30 - 1)               48
//
// Widths:   n 25 bits (<= 2^24), K 9, S 32, R 16 (not 0), A 33 signed, B 49 signed (8-bit
//           gradients); value 32 bits signed, remainder 8 bits.
// Rounding: as the table; div_away is to nearest, ties away from zero.
// Cycles:   steps + 2 from valid_i to the cycle of done_o, both counted; valid_i and the operands
//           stay until done_o.
// Source:   docs/numerics.md section 6.
module range_bn_scalars (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic               valid_i,
    input  logic        [ 2:0] op_i,
    input  logic        [24:0] n_i,
    input  logic        [ 8:0] chunks_i,
    input  logic        [31:0] sum_i,
    input  logic        [15:0] range_sum_i,
    input  logic signed [32:0] grad_sum_i,
    input  logic signed [48:0] grad_product_i,
    output logic               done_o,
    output logic signed [31:0] value_o,
    output logic        [ 7:0] remainder_o
);
  localparam logic [2:0] OP_SPLIT = 3'd0;
  localparam logic [2:0] OP_MEAN = 3'd1;
  localparam logic [2:0] OP_INVERSE = 3'd2;
  localparam logic [2:0] OP_GRAD_MEAN = 3'd3;

  logic [47:0] dividend;  // left-aligned
  logic [24:0] divisor;
  logic [5:0] steps;
  logic [48:0] product_magnitude;
  logic [32:0] sum_magnitude;
  logic [39:0] mean_dividend;
  logic [30:0] inverse_dividend;
  logic negative, away;

  assign product_magnitude = $unsigned(grad_product_i[48] ? -grad_product_i : grad_product_i);
  assign sum_magnitude     = $unsigned(grad_sum_i[32] ? -grad_sum_i : grad_sum_i);
  assign mean_dividend     = {sum_i, 8'd0} + 40'(n_i[24:1]);
  assign inverse_dividend  = 31'h4000_0000 + 31'(range_sum_i[15:1]);

  always_comb begin
    negative = 1'b0;
    away     = 1'b0;
    case (op_i)
      OP_SPLIT: begin
        dividend = {n_i, 23'd0};
        divisor  = 25'(chunks_i);
        steps    = 6'd25;
      end
      OP_MEAN: begin
        dividend = {mean_dividend, 8'd0};
        divisor  = n_i;
        steps    = 6'd40;
      end
      OP_INVERSE: begin
        dividend = {inverse_dividend, 17'd0};
        divisor  = 25'(range_sum_i);
        steps    = 6'd31;
      end
      OP_GRAD_MEAN: begin
        dividend = {sum_magnitude[31:0], 16'd0};
        divisor  = n_i;
        steps    = 6'd40;
        negative = grad_sum_i[32];
        away     = 1'b1;
      end
      default: begin
        dividend = product_magnitude[47:0];
        divisor  = 25'(range_sum_i);
        steps    = 6'd48;
        negative = grad_product_i[48];
        away     = 1'b1;
      end
    endcase
  end

  logic [47:0] quotient;
  logic [24:0] remainder;
  logic unused_ready;
  divider #(
      .DIVIDEND_W(48),
      .DIVISOR_W (25)
  ) u_divider (
      .clk_i      (clk_i),
      .rst_ni     (rst_ni),
      .valid_i    (valid_i),
      .ready_o    (unused_ready),
      .dividend_i (dividend),
      .divisor_i  (divisor),
      .steps_i    (steps),
      .valid_o    (done_o),
      .ready_i    (1'b1),
      .quotient_o (quotient),
      .remainder_o(remainder)
  );

  // Ties away from zero: twice the remainder reaches the divisor.
  logic up;
  logic [48:0] magnitude, limit;
  logic [31:0] result;
  assign up        = away && {remainder, 1'b0} >= {1'b0, divisor};
  assign magnitude = {1'b0, quotient} + 49'(up);
  assign limit     = negative ? 49'h4000_0000 : 49'h3fff_ffff;
  always_comb begin
    result = magnitude[31:0];
    if (away && magnitude > limit) result = limit[31:0];
  end
  assign value_o     = $signed(negative ? -result : result);
  assign remainder_o = remainder[7:0];

  logic unused_bits;
  assign unused_bits = ^{product_magnitude[48], sum_magnitude[32]};
endmodule
