// The Range-BN unit: one command works on one channel's stream of n values.
//
//   op         takes              gives
//   Stats      n q                K extremes; S, mu, R, rho, lowest and highest q
//   Normalise  n (q, random)      n y
//   Sums       n (q, g)           A, B   (8-bit gradients zero-extended, or 16-bit)
//   Apply      K extremes, n g    n e, mg, t   (8-bit gradients; A, B and R are operands)
//
// The f32 scalars of section 6 (i_c, a_c, the output's range) are made outside from Stats' results
// and come back as mantissa, exponent and bias. Operands are held from the command to its result.
//
// Widths:   in the ports; n 1 to 2^24, K 1 to min(n, 256). Rounding: in the parts.
// Cycles:   from accepting the command to the result's cycle, both counted, no stall:
//             Stats      n + 105 (27 split, 42 mean, 33 reciprocal, 3); n + 72 if R = 0
//             Normalise  n + 7
//             Sums       n + 4
//             Apply      n + 123 (27 split, 42 mg, 50 t, 4); n + 31 if R = 0
//           A refused or missing transfer adds a cycle where the stream has no slack.
// Source:   docs/numerics.md section 6.
module range_bn (
    input  logic               clk_i,
    input  logic               rst_ni,
    // Command and operands.
    input  logic               cmd_valid_i,
    output logic               cmd_ready_o,
    input  logic        [ 1:0] op_i,            // 0 Stats, 1 Normalise, 2 Sums, 3 Apply
    input  logic        [24:0] n_i,
    input  logic        [ 8:0] chunks_i,
    input  logic signed [31:0] mu_i,            // Normalise; Sums: the low 16 bits
    input  logic signed [31:0] mantissa_i,
    input  logic signed [ 5:0] exponent_i,
    input  logic signed [31:0] bias_i,
    input  logic        [15:0] zero_point_i,    // of y (8 bits), or of the gradient
    input  logic        [ 7:0] q_max_i,
    input  logic               stochastic_i,
    input  logic        [15:0] range_sum_i,     // Apply: R, A, B
    input  logic signed [32:0] grad_sum_i,
    input  logic signed [48:0] grad_product_i,
    // Values.
    input  logic               in_valid_i,
    output logic               in_ready_o,
    input  logic        [ 7:0] q_i,
    input  logic        [15:0] g_i,
    input  logic        [15:0] random_i,
    output logic               out_valid_o,
    input  logic               out_ready_i,
    output logic signed [31:0] data_o,          // y or e
    // Extremes of the chunks, out of Stats and into Apply.
    output logic               ext_valid_o,
    input  logic               ext_ready_i,
    output logic        [23:0] argmax_o,
    output logic        [23:0] argmin_o,
    input  logic               ext_valid_i,
    output logic               ext_ready_o,
    input  logic        [23:0] argmax_i,
    input  logic        [23:0] argmin_i,
    // Result of the command.
    output logic               res_valid_o,
    input  logic               res_ready_i,
    output logic        [31:0] sum_o,
    output logic        [15:0] mu_o,
    output logic        [15:0] range_sum_o,
    output logic        [30:0] reciprocal_o,
    output logic        [ 7:0] q_low_o,
    output logic        [ 7:0] q_high_o,
    output logic signed [40:0] grad_sum_o,
    output logic signed [56:0] grad_product_o,
    output logic signed [17:0] grad_mean_o,     // mg
    output logic signed [30:0] grad_extreme_o   // t
);
  localparam logic [1:0] OP_STATS = 2'd0;
  localparam logic [1:0] OP_NORMALISE = 2'd1;
  localparam logic [1:0] OP_SUMS = 2'd2;
  localparam logic [1:0] OP_APPLY = 2'd3;

  // The first five are also range_bn_scalars' operations.
  typedef enum logic [3:0] {
    Split,
    Mean,
    Inverse,
    GradMean,
    GradExtreme,
    Idle,
    Load,
    Stream,
    Result
  } state_e;
  state_e state_q, state_d;

  logic [1:0] op_q;
  logic [24:0] left_q;  // values still to come
  logic [24:0] base_q;
  logic [7:0] extra_q;
  logic [15:0] mu_q;
  logic [30:0] reciprocal_q;
  logic signed [17:0] grad_mean_q;
  logic signed [30:0] grad_extreme_q;

  logic dividing, done, load, streaming, take, last, empty, more;
  logic signed [31:0] value;
  logic [7:0] remainder;
  logic chunk_first, chunk_last;
  logic stats_ready, norm_ready, apply_ready;
  logic norm_valid, norm_last, apply_valid, apply_last;
  logic [7:0] y;
  logic signed [31:0] e;
  logic [31:0] sum;
  logic [15:0] range_sum, range_operand;

  assign dividing = state_q == Split || state_q == Mean || state_q == Inverse ||
                    state_q == GradMean || state_q == GradExtreme;
  assign load = state_q == Load;
  assign streaming = state_q == Stream;
  assign more = left_q != '0;
  assign last = left_q == 25'd1;
  assign take = in_valid_i && in_ready_o;
  assign range_operand = op_q == OP_APPLY ? range_sum_i : range_sum;

  always_comb begin
    in_ready_o = 1'b0;
    if (streaming && more) begin
      case (op_q)
        OP_STATS:     in_ready_o = stats_ready;
        OP_NORMALISE: in_ready_o = norm_ready;
        OP_SUMS:      in_ready_o = 1'b1;
        default:      in_ready_o = apply_ready;
      endcase
    end
  end

  // The stream is over when the last value is in, and for the two that give values, out.
  always_comb begin
    case (op_q)
      OP_STATS:     empty = take && last;
      OP_NORMALISE: empty = norm_valid && norm_last && out_ready_i;
      OP_SUMS:      empty = !more;  // the last product is being added
      default:      empty = apply_valid && apply_last && out_ready_i;
    endcase
  end

  always_comb begin
    state_d = state_q;
    case (state_q)
      Idle: begin
        if (cmd_valid_i) begin
          if (op_i == OP_STATS || op_i == OP_APPLY) state_d = Split;
          else state_d = Load;
        end
      end
      Split: begin
        if (done) begin
          if (op_q == OP_APPLY && range_sum_i != '0) state_d = GradMean;
          else state_d = Load;
        end
      end
      GradMean:    if (done) state_d = GradExtreme;
      GradExtreme: if (done) state_d = Load;
      Load:        state_d = Stream;
      Stream: begin
        if (empty) begin
          if (op_q == OP_STATS) state_d = Mean;
          else state_d = Result;
        end
      end
      Mean: begin
        if (done) begin
          if (range_sum == '0) state_d = Result;
          else state_d = Inverse;
        end
      end
      Inverse:     if (done) state_d = Result;
      default:     if (res_ready_i) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
      op_q    <= OP_STATS;
      left_q  <= '0;
    end else begin
      state_q <= state_d;
      if (state_q == Idle) op_q <= op_i;
      if (load) left_q <= n_i;
      else if (take) left_q <= left_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == Idle) begin
      reciprocal_q   <= '0;  // what a dead channel keeps
      grad_mean_q    <= '0;
      grad_extreme_q <= '0;
    end else if (done) begin
      case (state_q)
        Split: begin
          base_q  <= value[24:0];
          extra_q <= remainder;
        end
        Mean:     mu_q <= value[15:0];
        Inverse:  reciprocal_q <= value[30:0];
        GradMean: grad_mean_q <= value[17:0];
        default:  grad_extreme_q <= value[30:0];
      endcase
    end
  end

  range_bn_scalars u_scalars (
      .clk_i         (clk_i),
      .rst_ni        (rst_ni),
      .valid_i       (dividing),
      .op_i          (state_q[2:0]),
      .n_i           (n_i),
      .chunks_i      (chunks_i),
      .sum_i         (sum),
      .range_sum_i   (range_operand),
      .grad_sum_i    (grad_sum_i),
      .grad_product_i(grad_product_i),
      .done_o        (done),
      .value_o       (value),
      .remainder_o   (remainder)
  );

  range_bn_chunks u_chunks (
      .clk_i    (clk_i),
      .rst_ni   (rst_ni),
      .load_i   (load),
      .base_i   (base_q),
      .extra_i  (extra_q),
      .chunks_i (chunks_i),
      .advance_i(take),
      .first_o  (chunk_first),
      .last_o   (chunk_last)
  );

  range_bn_stats u_stats (
      .clk_i      (clk_i),
      .rst_ni     (rst_ni),
      .load_i     (load && op_q == OP_STATS),
      .valid_i    (take && op_q == OP_STATS),
      .ready_o    (stats_ready),
      .q_i        (q_i),
      .first_i    (chunk_first),
      .last_i     (chunk_last),
      .ext_valid_o(ext_valid_o),
      .ext_ready_i(ext_ready_i),
      .argmax_o   (argmax_o),
      .argmin_o   (argmin_o),
      .sum_o      (sum),
      .range_sum_o(range_sum),
      .q_low_o    (q_low_o),
      .q_high_o   (q_high_o)
  );

  range_bn_normalise u_normalise (
      .clk_i       (clk_i),
      .rst_ni      (rst_ni),
      .mu_i        (mu_i),
      .mantissa_i  (mantissa_i),
      .exponent_i  (exponent_i),
      .bias_i      (bias_i),
      .zero_point_i(zero_point_i[7:0]),
      .q_max_i     (q_max_i),
      .stochastic_i(stochastic_i),
      .valid_i     (take && op_q == OP_NORMALISE),
      .ready_o     (norm_ready),
      .q_i         (q_i),
      .random_i    (random_i),
      .last_i      (last),
      .valid_o     (norm_valid),
      .ready_i     (out_ready_i),
      .y_o         (y),
      .last_o      (norm_last)
  );

  range_bn_grad_sums u_sums (
      .clk_i         (clk_i),
      .rst_ni        (rst_ni),
      .load_i        (load && op_q == OP_SUMS),
      .zero_point_i  (zero_point_i),
      .mu_i          (mu_i[15:0]),
      .valid_i       (take && op_q == OP_SUMS),
      .q_i           (q_i),
      .g_i           (g_i),
      .grad_sum_o    (grad_sum_o),
      .grad_product_o(grad_product_o)
  );

  range_bn_grad_apply u_apply (
      .clk_i       (clk_i),
      .rst_ni      (rst_ni),
      .load_i      (load),
      .dead_i      (range_sum_i == '0),
      .zero_point_i(zero_point_i[7:0]),
      .mean_i      (grad_mean_q),
      .extreme_i   (grad_extreme_q),
      .ext_enable_i(op_q == OP_APPLY && (load || (streaming && more))),
      .ext_valid_i (ext_valid_i),
      .ext_ready_o (ext_ready_o),
      .argmax_i    (argmax_i),
      .argmin_i    (argmin_i),
      .valid_i     (take && op_q == OP_APPLY),
      .ready_o     (apply_ready),
      .g_i         (g_i[7:0]),
      .chunk_last_i(chunk_last),
      .last_i      (last),
      .valid_o     (apply_valid),
      .ready_i     (out_ready_i),
      .e_o         (e),
      .last_o      (apply_last)
  );

  assign cmd_ready_o    = state_q == Idle;
  assign out_valid_o    = norm_valid || apply_valid;
  assign data_o         = op_q == OP_APPLY ? e : $signed({24'd0, y});
  assign res_valid_o    = state_q == Result;
  assign sum_o          = sum;
  assign mu_o           = mu_q;
  assign range_sum_o    = range_sum;
  assign reciprocal_o   = reciprocal_q;
  assign grad_mean_o    = grad_mean_q;
  assign grad_extreme_o = grad_extreme_q;

  logic unused_value;
  assign unused_value = value[31];
endmodule
