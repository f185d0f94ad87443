// The stochastic rounding of an exact product: floor((p + R) / 2^h), h = 31 + e.
//
// Widths:   product 64 bits signed (|p| <= 2^62), exponent 6 bits signed in [-30, 31], 16 random
//           bits, result 32 bits signed, saturated.
// Rounding: R = r 2^(h-16) for h >= 16, r >> (16-h) otherwise: up with probability equal to the
//           fraction, to 16 bits.
// Cycles:   combinational. Source: docs/numerics.md section 2 (RS).
module requantise_stochastic (
    input  logic signed [63:0] product_i,
    input  logic signed [ 5:0] exponent_i,
    input  logic        [15:0] random_i,
    output logic signed [31:0] y_o
);
  logic [5:0] shift;
  logic [77:0] addend;  // R with 16 fraction bits
  logic signed [63:0] sum, quotient;

  assign shift    = $unsigned(exponent_i) + 6'd31;
  assign addend   = {62'd0, random_i} << shift;
  assign sum      = product_i + $signed({2'b00, addend[77:16]});
  assign quotient = sum >>> shift;

  always_comb begin
    y_o = quotient[31:0];
    if (quotient[63:31] != {33{quotient[63]}}) y_o = quotient[63] ? 32'sh8000_0000 : 32'sh7fff_ffff;
  end

  logic unused_fraction;
  assign unused_fraction = ^addend[15:0];
endmodule
