module @program attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4x2xf32> loc("batch"), %arg1: tensor<2x6xf32> {tf.aliasing_output = 1 : i32} loc("w")) -> (tensor<f32>, tensor<2x6xf32>) {
    %0 = stablehlo.dot_general %arg0, %arg1, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x2xf32>, tensor<2x6xf32>) -> tensor<4x6xf32> loc("dot_general#0")
    %1 = stablehlo.constant dense<0.0> : tensor<f32> loc("reduce_sum#1")
    %2 = stablehlo.reduce(%0 init: %1) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<f32> loc("reduce_sum#1")
    %3 = stablehlo.constant dense<0.5> : tensor<f32> loc("constant#2")
    %4 = stablehlo.broadcast_in_dim %3, dims = [] : (tensor<f32>) -> tensor<2x6xf32> loc("constant#2")
    %5 = stablehlo.multiply %arg1, %4 : tensor<2x6xf32> loc("mul#3")
    %6 = stablehlo.subtract %arg1, %5 : tensor<2x6xf32> loc("sub#4")
    return %2, %6 : tensor<f32>, tensor<2x6xf32>
  }
}
