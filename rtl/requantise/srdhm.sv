// SRDHM, saturating rounding doubling high multiply, from the exact product of two int32 values.
//
// Widths:   product 64 bits signed in, 32 bits signed out.
// Rounding: floor(product / 2^31 + 1/2), ties toward +infinity; only (-2^31)(-2^31) = 2^62 leaves
//           32 bits, and gives 2^31 - 1.
// Cycles:   combinational. Source: docs/numerics.md section 2.
module srdhm (
    input  logic signed [63:0] product_i,
    output logic signed [31:0] y_o
);
  localparam logic signed [63:0] HALF = 64'sh0000_0000_4000_0000;  // 2^30

  logic signed [63:0] sum;
  assign sum = product_i + HALF;
  assign y_o = (sum[63:62] == 2'b01) ? 32'sh7fff_ffff : sum[62:31];

  logic unused_low;
  assign unused_low = ^sum[30:0];
endmodule
