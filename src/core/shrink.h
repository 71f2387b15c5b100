// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Memory that is kept from call to call must not stay as large as the longest text made it.
#pragma once

#include <cstddef>

namespace attend {

/// Gives a vector's or string's memory back when it is more than is worth keeping.
template <class T>
void shrink_one(T& values) {
  constexpr std::size_t worth_keeping = std::size_t{1} << 20U;  // bytes
  if (values.capacity() * sizeof(typename T::value_type) > worth_keeping) T().swap(values);
}

}  // namespace attend
