module @program attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x5x4xbf16> loc("q"), %arg1: tensor<3x4xf32> loc("w"), %arg2: tensor<2x3xf32> loc("x")) -> (tensor<2x5x5xbf16>, tensor<2x4xf32>) {
    %0 = stablehlo.dot_general %arg0, %arg0, batching_dims = [0] x [0], contracting_dims = [2] x [2], precision = [HIGHEST, HIGHEST] : (tensor<2x5x4xbf16>, tensor<2x5x4xbf16>) -> tensor<2x5x5xf32> loc("dot_general#0")
    %1 = stablehlo.convert %0 : (tensor<2x5x5xf32>) -> tensor<2x5x5xbf16> loc("dot_general#0")
    %2 = stablehlo.dot_general %arg2, %arg1, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32> loc("dot_general#1")
    return %1, %2 : tensor<2x5x5xbf16>, tensor<2x4xf32>
  }
}
