#pragma once

#include <cstddef>
#include <functional>

namespace quadric::formula {

/// Work on chunks 0, 1, … `chunks` - 1: `produce(chunk, buffer, worker)` runs on `workers` further threads,
/// and `consume(chunk, buffer)` on the calling one, chunk by chunk in their order, so that what it adds up
/// does not depend on the number of threads. A chunk keeps its buffer, one of `buffers`, until it is
/// consumed. The first exception of either ends the work and passes.
void in_order(std::size_t chunks, std::size_t buffers, std::size_t workers,
              const std::function<void(std::size_t chunk, std::size_t buffer, std::size_t worker)>& produce,
              const std::function<void(std::size_t chunk, std::size_t buffer)>& consume);

}  // namespace quadric::formula
