#pragma once

#include "quadric/base/types.hpp"
#include "quadric/derivatives/tape.hpp"

/// Sweeps over a whole tape, number by number: what is always possible, whatever the tape looks like
/// (Griewank & Walther 2008, ch. 3 and 5).
namespace quadric::sweeps {

/// The weighted sum Σ wᵢ resultᵢ at x and its gradient g (n), by one forward and one reverse sweep; w empty
/// for the sum.
double gradient(const Tape& tape, const Vector& x, const Vector& w, Vector& g);
/// Hv for the Hessian H of the same sum: the reverse sweep in dual numbers along v.
void hessian_product(const Tape& tape, const Vector& x, const Vector& w, const Vector& v, Vector& product);
/// H (n × n), in sweeps of eight columns.
void hessian(const Tape& tape, const Vector& x, const Vector& w, Matrix& H);

/// The results (m) at x.
void values(const Tape& tape, const Vector& x, Vector& results);
/// Whether every question of the recorded evaluation has the same answer at x.
bool same_path(const Tape& tape, const Vector& x);

}  // namespace quadric::sweeps
