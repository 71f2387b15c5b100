// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What one rendering may take: time as steps, memory as bytes of all values that are alive, and the
// stack as depth. A template is a stranger's program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace attend::jinja {

class Meter {
 public:
  /// Counts work. Throws: resource_limit.
  void step(std::uint64_t count = 1) {
    steps_ += count;
    if (steps_ > max_steps_) fail_steps();
  }
  /// Counts what goes over bytes of text, or over values of 32 bytes each.
  void touch(std::size_t bytes) { step(bytes / bytes_a_step + 1); }
  /// Counts what asks the tables of Unicode about each character of a text of so many bytes.
  void look_up(std::size_t bytes) { step(bytes / letters_a_step + 1); }

  /// Throws: resource_limit, when so much more would be too much; called before it is allocated.
  void check_room(std::size_t bytes) const {
    if (bytes > max_bytes_ - bytes_) fail_bytes();
  }
  void take(std::size_t bytes) {
    check_room(bytes);
    bytes_ += bytes;
  }
  void give_back(std::size_t bytes) noexcept { bytes_ -= bytes; }

  /// Recursion of whatever kind, as long as it lives.
  class Level {
   public:
    explicit Level(Meter& meter) : meter_(meter) {
      if (meter.depth_ >= max_depth_) fail_depth();
      ++meter.depth_;
    }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --meter_.depth_; }

   private:
    Meter& meter_;
  };

 private:
  static constexpr std::size_t bytes_a_step = 64;
  static constexpr std::size_t letters_a_step = 4;  // 5 to 60 ns each
  static const std::uint64_t max_steps_;
  static const std::size_t max_bytes_;
  static const std::size_t max_depth_;

  [[noreturn]] static void fail_steps();
  [[noreturn]] static void fail_bytes();
  [[noreturn]] static void fail_depth();

  std::uint64_t steps_ = 0;
  std::size_t bytes_ = 0;
  std::size_t depth_ = 0;
};

/// Memory that a meter knows of, while it lives.
class Metered {
 public:
  Metered() = default;
  Metered(const Metered&) = delete;
  Metered& operator=(const Metered&) = delete;
  virtual ~Metered() {
    if (meter_ != nullptr) meter_->give_back(bytes_);
  }
  void count(Meter& meter, std::size_t bytes) {
    meter.take(bytes);
    meter_ = &meter;
    bytes_ += bytes;
  }

 private:
  Meter* meter_ = nullptr;
  std::size_t bytes_ = 0;
};

/// An object of this size and `further` bytes that its parts take.
template <class T, class... Parts>
[[nodiscard]] std::shared_ptr<T> make(Meter& meter, std::size_t further, Parts&&... parts) {
  constexpr std::size_t control_block = 32;
  meter.step();
  auto object = std::make_shared<T>(std::forward<Parts>(parts)...);
  object->count(meter, sizeof(T) + control_block + further);
  return object;
}

}  // namespace attend::jinja
