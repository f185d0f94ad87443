// Range-BN statistics of one channel, streaming: sum, extremes, the sum R of the chunks' ranges,
// and for each chunk the row of its maximum and minimum.
//
// Widths:   q 8 bits; rows 24 bits (n <= 2^24); sum 32 bits; R 16 bits (K <= 256 chunks of at most
//           255).
// Rounding: none. Ties of an extreme are won by the lowest row.
// Cycles:   load_i one cycle, then one value a cycle; the extremes of a chunk are offered in the
//           cycle after its last value, and hold the stream only if the previous chunk's are still
//           there.
// Source:   docs/numerics.md section 6, Statistics.
module range_bn_stats (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        load_i,
    input  logic        valid_i,
    output logic        ready_o,
    input  logic [ 7:0] q_i,
    // Chunk boundaries: range_bn_chunks, advanced by a value taken here.
    input  logic        first_i,
    input  logic        last_i,
    // Extremes of a chunk.
    output logic        ext_valid_o,
    input  logic        ext_ready_i,
    output logic [23:0] argmax_o,
    output logic [23:0] argmin_o,
    // Sums so far.
    output logic [31:0] sum_o,
    output logic [15:0] range_sum_o,
    output logic [ 7:0] q_low_o,
    output logic [ 7:0] q_high_o
);
  logic [31:0] sum_q;
  logic [15:0] range_sum_q;
  logic [7:0] q_low_q, q_high_q;
  logic [23:0] row_q;
  logic [7:0] max_q, min_q;  // of this chunk so far
  logic [23:0] argmax_q, argmin_q;
  logic ext_valid_q;
  logic [23:0] ext_argmax_q, ext_argmin_q;

  logic take, new_max, new_min;
  logic [7:0] max_next, min_next, range;
  logic [23:0] argmax_next, argmin_next;
  assign ready_o     = !(last_i && ext_valid_q && !ext_ready_i);
  assign take        = valid_i && ready_o;
  assign new_max     = first_i || q_i > max_q;
  assign new_min     = first_i || q_i < min_q;
  assign max_next    = new_max ? q_i : max_q;
  assign min_next    = new_min ? q_i : min_q;
  assign range       = max_next - min_next;
  assign argmax_next = new_max ? row_q : argmax_q;
  assign argmin_next = new_min ? row_q : argmin_q;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      sum_q       <= '0;
      range_sum_q <= '0;
      q_low_q     <= 8'hff;
      q_high_q    <= 8'h00;
      row_q       <= '0;
    end else if (take) begin
      sum_q    <= sum_q + 32'(q_i);
      row_q    <= row_q + 1'b1;
      max_q    <= max_next;
      min_q    <= min_next;
      argmax_q <= argmax_next;
      argmin_q <= argmin_next;
      if (q_i < q_low_q) q_low_q <= q_i;
      if (q_i > q_high_q) q_high_q <= q_i;
      if (last_i) begin
        range_sum_q  <= range_sum_q + 16'(range);
        ext_argmax_q <= argmax_next;
        ext_argmin_q <= argmin_next;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ext_valid_q <= 1'b0;
    else if (take && last_i) ext_valid_q <= 1'b1;
    else if (ext_ready_i) ext_valid_q <= 1'b0;
  end

  assign ext_valid_o = ext_valid_q;
  assign argmax_o    = ext_argmax_q;
  assign argmin_o    = ext_argmin_q;
  assign sum_o       = sum_q;
  assign range_sum_o = range_sum_q;
  assign q_low_o     = q_low_q;
  assign q_high_o    = q_high_q;
endmodule
