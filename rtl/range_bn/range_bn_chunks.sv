// Walks the chunks of a channel: says which value is the last of its chunk. Chunk k holds the
// values floor(k n / K) <= i < floor((k+1) n / K).
//
// Widths:   base = floor(n / K) 25 bits (>= 1), extra = n mod K 8 bits, chunks K 9 bits (1 to 256).
// Rounding: exact: chunk k has base values, and one more where a running sum of extra passes K.
// Cycles:   load_i takes one cycle; then one value a cycle with advance_i.
// Source:   docs/numerics.md section 6.
module range_bn_chunks (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        load_i,
    input  logic [24:0] base_i,
    input  logic [ 7:0] extra_i,
    input  logic [ 8:0] chunks_i,
    input  logic        advance_i,
    output logic        first_o,
    output logic        last_o
);
  logic first_q;
  logic [24:0] left_q;  // values left in this chunk, this one included
  logic [7:0] phase_q;  // (k extra) mod K of the next chunk k

  logic [8:0] sum, wrapped;
  logic carry;
  assign sum     = {1'b0, phase_q} + {1'b0, extra_i};
  assign carry   = sum >= chunks_i;
  assign wrapped = carry ? sum - chunks_i : sum;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= 1'b0;
      left_q  <= '0;
      phase_q <= '0;
    end else if (load_i) begin
      first_q <= 1'b1;
      left_q  <= base_i;   // chunk 0 has no carry, for extra < K
      phase_q <= extra_i;
    end else if (advance_i) begin
      first_q <= last_o;
      if (last_o) begin
        left_q  <= base_i + 25'(carry);
        phase_q <= wrapped[7:0];
      end else begin
        left_q <= left_q - 1'b1;
      end
    end
  end

  assign first_o = first_q;
  assign last_o  = left_q == 25'd1;

  logic unused_top;
  assign unused_top = wrapped[8];
endmodule
