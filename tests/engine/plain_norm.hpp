#pragma once

#include "quadric/engine/direction.hpp"

namespace quadric {

/// Measures steps by their length, and makes none.
class PlainNorm final : public Direction {
 public:
  std::string_view name() const override { return "plain"; }
  Curvature needs() const override { return Curvature::Hessian; }
  void prepare(const LocalModel& /*model*/) override {}
  void unrestricted(const LocalModel& /*model*/, Proposal& /*proposal*/) override {}
  void within(const LocalModel& /*model*/, double /*radius*/, Proposal& /*proposal*/) override {}
};

}  // namespace quadric
