// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Floats as Python prints them.
#pragma once

#include <string>

namespace attend {

/// Appends the shortest digits that read back to the same finite float, arranged as Python's repr
/// does: with an exponent below 1e-4 and from 1e16 on, else with a point.
void append_python_number(float value, std::string& out);
void append_python_number(double value, std::string& out);

}  // namespace attend
