#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quadric/base/types.hpp"

namespace quadric::page {

/// How a series is drawn.
enum class Style { Points, Line, Dashed };

/// Points of one kind; those that are not finite are left out, and interrupt lines.
struct Series {
  std::string label = {};
  std::vector<std::pair<double, double>> points = {};
  Style style = Style::Points;
};

/// What lies between two curves over the same places (k each).
struct Band {
  std::string label = {};
  Vector x = {}, low = {}, high = {};
};

struct Chart {
  std::string title = {}, x_label = {}, y_label = {};
  std::vector<Series> series = {};
  std::vector<Band> bands = {};
  bool logarithmic = false;  ///< the y axis; only positive values can then be seen
};

/// Whether charts can be drawn: Chart.js was there when this was built.
bool draws_charts();

/// A page of one file that asks nothing of a network: what draws its charts is in it, and its policy
/// (Content-Security-Policy) lets nothing else in. Text is shown as it is, whatever it holds. Once the charts
/// are drawn, the attribute `data-charts` of its body says how many of how many show something: "3 of 3".
class Page {
 public:
  explicit Page(std::string title);

  void heading(const std::string& text);
  void paragraph(const std::string& text);
  void list(const std::vector<std::string>& items);
  /// A list that is shown at a click on its title.
  void folded_list(const std::string& title, const std::vector<std::string>& items);
  /// As it is, lines and spaces included.
  void text(const std::string& text);
  /// Rows of as many cells as the header has.
  void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
  /// A symmetric matrix of numbers between −1 and 1 as colored cells; what is not finite stays empty.
  void correlations(const std::vector<std::string>& names, const Matrix& correlation);
  /// Charts in a row stand side by side where there is room.
  void chart(const Chart& chart);
  /// Plots that a script of the program's own makes in markup of its own, both taken as they are. It finds
  /// the JSON text in the element `id`, has Chart.js, and calls `drew(canvas)` for each canvas it has drawn,
  /// which are then counted as charts. Nothing where charts can not be drawn.
  void application(const std::string& id, const std::string& markup, const std::string& json,
                   std::string_view script);

  std::string html() const;

 private:
  void end_row();

  std::string title_, body_;
  std::vector<std::string> charts_;  ///< configurations in JSON
  std::string applications_;         ///< elements with data and scripts
  bool in_row_ = false;
};

}  // namespace quadric::page
