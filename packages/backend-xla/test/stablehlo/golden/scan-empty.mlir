module @program attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3xf32> loc("h"), %arg1: tensor<f32> loc("scale"), %arg2: tensor<0x3x3xf32> loc("w")) -> (tensor<2x3xf32>, tensor<0xf32>) {
    %0 = stablehlo.constant dense<0.0> : tensor<f32> loc("scan#0")
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<0xf32> loc("scan#0")
    return %arg0, %1 : tensor<2x3xf32>, tensor<0xf32>
  }
}
