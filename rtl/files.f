// Every module, lowest dependency level first.
// Level 0: no instances.
mac_array/skew.sv
mac_array/mac_pe.sv
requantise/srdhm.sv
requantise/rdbpot.sv
requantise/requantise_stochastic.sv
requantise/threefry.sv
range_bn/divider.sv
range_bn/range_bn_chunks.sv
range_bn/range_bn_stats.sv
range_bn/range_bn_grad_sums.sv
range_bn/range_bn_grad_apply.sv
// Level 1.
mac_array/mac_array.sv
requantise/requantise_core.sv
range_bn/range_bn_scalars.sv
// Level 2.
requantise/requantise.sv
range_bn/range_bn_normalise.sv
// Level 3.
range_bn/range_bn.sv
