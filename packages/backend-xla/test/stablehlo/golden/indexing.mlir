module @program attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<i32> loc("at"), %arg1: tensor<4x3xf32> loc("rows"), %arg2: tensor<7x3xf32> loc("table"), %arg3: tensor<4xi32> loc("tokens")) -> (tensor<7x3xf32>, tensor<7x3xf32>, tensor<1x2xf32>, tensor<4x3xf32>) {
    %0 = stablehlo.constant dense<0> : tensor<i32> loc("scatter_add#0")
    %1 = stablehlo.constant dense<6> : tensor<i32> loc("scatter_add#0")
    %2 = stablehlo.clamp %0, %arg3, %1 : (tensor<i32>, tensor<4xi32>, tensor<i32>) -> tensor<4xi32> loc("scatter_add#0")
    %5 = "stablehlo.scatter"(%arg2, %2, %arg1) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%3: tensor<f32>, %4: tensor<f32>):
      %6 = stablehlo.add %3, %4 : tensor<f32> loc("scatter_add#0")
      stablehlo.return %6 : tensor<f32>
    }) : (tensor<7x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<7x3xf32> loc("scatter_add#0")
    %7 = stablehlo.constant dense<0> : tensor<i32> loc("constant#1")
    %8 = stablehlo.dynamic_update_slice %arg2, %arg1, %arg0, %7 : (tensor<7x3xf32>, tensor<4x3xf32>, tensor<i32>, tensor<i32>) -> tensor<7x3xf32> loc("dynamic_update_slice#2")
    %9 = stablehlo.constant dense<1> : tensor<i32> loc("constant#3")
    %10 = stablehlo.dynamic_slice %arg2, %arg0, %9, sizes = [1, 2] : (tensor<7x3xf32>, tensor<i32>, tensor<i32>) -> tensor<1x2xf32> loc("dynamic_slice#4")
    %11 = "stablehlo.gather"(%arg2, %arg3) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 3>}> : (tensor<7x3xf32>, tensor<4xi32>) -> tensor<4x3xf32> loc("gather#5")
    return %5, %8, %10, %11 : tensor<7x3xf32>, tensor<7x3xf32>, tensor<1x2xf32>, tensor<4x3xf32>
  }
}
