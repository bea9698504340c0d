#include "page/page.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "page/chart_script.hpp"

namespace quadric::page {

namespace {

using Json = nlohmann::ordered_json;

/// Of the series and bands of a chart, in turn (Okabe & Ito's palette, told apart by the color-blind).
constexpr const char* colors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
constexpr const char* band_colors[] = {"rgba(0,114,178,0.25)", "rgba(120,120,120,0.15)"};

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += letter;
    }
  }
  return safe;
}

/// JSON that can stand in a script: nothing in it ends the element.
std::string in_script(const std::string& json) {
  std::string safe;
  for (const char letter : json) {
    if (letter == '<') {
      safe += "\\u003c";
    } else {
      safe += letter;
    }
  }
  return safe;
}

Json point(double x, double y) {
  if (!std::isfinite(x)) return nullptr;
  return {{"x", x}, {"y", std::isfinite(y) ? Json(y) : Json(nullptr)}};
}

Json dataset_of(const Series& series, const char* color) {
  auto points = Json::array();
  for (const auto& [x, y] : series.points) {
    if (std::isfinite(x)) points.push_back(point(x, y));
  }
  Json json = {{"label", series.label},
               {"data", std::move(points)},
               {"borderColor", color},
               {"backgroundColor", color},
               {"showLine", series.style != Style::Points},
               {"pointRadius", series.style == Style::Points ? 3 : 0},
               {"pointStyle", series.style == Style::Points ? "circle" : "line"},
               {"borderWidth", series.style == Style::Points ? 1 : 2}};
  if (series.style == Style::Dashed) json["borderDash"] = {6, 4};
  return json;
}

/// Two curves without a line, the space between them filled.
void add_band(const Band& band, const char* color, Json& datasets) {
  auto low = Json::array(), high = Json::array();
  for (Index k = 0; k < band.x.size(); ++k) {
    if (!std::isfinite(band.low[k]) || !std::isfinite(band.high[k])) continue;
    low.push_back(point(band.x[k], band.low[k]));
    high.push_back(point(band.x[k], band.high[k]));
  }
  const Json common = {{"showLine", true}, {"pointRadius", 0},         {"pointStyle", "rect"},
                       {"borderWidth", 0}, {"backgroundColor", color}, {"borderColor", color}};
  Json lower = common, upper = common;
  lower["label"] = "";
  lower["data"] = std::move(low);
  upper["label"] = band.label;
  upper["data"] = std::move(high);
  upper["fill"] = "-1";
  datasets.push_back(std::move(lower));
  datasets.push_back(std::move(upper));
}

Json axis(const std::string& label, bool logarithmic) {
  return {{"type", logarithmic ? "logarithmic" : "linear"},
          {"title", {{"display", !label.empty()}, {"text", label}}}};
}

Json configuration(const Chart& chart) {
  auto datasets = Json::array();
  std::size_t next = 0;
  for (const Series& series : chart.series)
    datasets.push_back(dataset_of(series, colors[next++ % std::size(colors)]));
  next = 0;
  for (const Band& band : chart.bands) add_band(band, band_colors[next++ % std::size(band_colors)], datasets);
  return {{"type", "scatter"},
          {"data", {{"datasets", std::move(datasets)}}},
          {"options",
           {{"animation", false},
            {"maintainAspectRatio", false},
            {"scales", {{"x", axis(chart.x_label, false)}, {"y", axis(chart.y_label, chart.logarithmic)}}},
            {"plugins", {{"title", {{"display", true}, {"text", chart.title}}}}}}}};
}

constexpr const char* style = R"(
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #ddd; }
pre { background: #f6f6f6; padding: 0.8rem; overflow-x: auto; font-size: 13px; }
table { border-collapse: collapse; margin: 0.8rem 0; } th, td { padding: 0.2rem 0.8rem; text-align: right; }
th { border-bottom: 1px solid #999; } td:first-child, th:first-child { text-align: left; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; }
.charts > div { position: relative; flex: 1 1 28rem; height: 22rem; min-width: 0; }
)";

/// Counts the canvases that show something.
constexpr const char* count = R"(
let drawn = 0, canvases = 0;
function drew(canvas) {
  ++canvases;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  if (pixels.some(value => value !== 0)) ++drawn;
  document.body.dataset.charts = drawn + ' of ' + canvases;
}
)";

/// Draws the charts, each legend with the marks of its series (points, lines, filled boxes), and says how
/// many show something.
constexpr const char* draw = R"(
const configurations = JSON.parse(document.getElementById('configurations').textContent);
configurations.forEach((configuration, i) => {
  const canvas = document.getElementById('chart-' + i);
  configuration.options.plugins.legend = { labels: { filter: item => item.text !== '', usePointStyle: true, boxHeight: 8 } };
  new Chart(canvas, configuration);
  drew(canvas);
});
)";

}  // namespace

bool draws_charts() { return !chart_script().empty(); }

Page::Page(std::string title) : title_(std::move(title)) {}

void Page::end_row() {
  if (std::exchange(in_row_, false)) body_ += "</div>\n";
}

void Page::heading(const std::string& text) {
  end_row();
  body_ += "<h2>" + escaped(text) + "</h2>\n";
}

void Page::paragraph(const std::string& text) {
  end_row();
  body_ += "<p>" + escaped(text) + "</p>\n";
}

void Page::list(const std::vector<std::string>& items) {
  end_row();
  body_ += "<ul>\n";
  for (const std::string& item : items) body_.append("<li>").append(escaped(item)).append("</li>\n");
  body_ += "</ul>\n";
}

void Page::folded_list(const std::string& title, const std::vector<std::string>& items) {
  end_row();
  body_ += "<details><summary>" + escaped(title) + "</summary>\n";
  list(items);
  body_ += "</details>\n";
}

void Page::text(const std::string& text) {
  end_row();
  body_ += "<pre>" + escaped(text) + "</pre>\n";
}

void Page::table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  end_row();
  body_ += "<table><tr>";
  for (const std::string& cell : header) body_ += "<th>" + escaped(cell) + "</th>";
  body_ += "</tr>\n";
  for (const auto& row : rows) {
    body_ += "<tr>";
    for (const std::string& cell : row) body_ += "<td>" + escaped(cell) + "</td>";
    body_ += "</tr>\n";
  }
  body_ += "</table>\n";
}

void Page::correlations(const std::vector<std::string>& names, const Matrix& correlation) {
  end_row();
  body_ += "<table><tr><th></th>";
  for (const std::string& name : names) body_ += "<th>" + escaped(name) + "</th>";
  body_ += "</tr>\n";
  for (Index i = 0; i < correlation.rows(); ++i) {
    body_ += "<tr><td>" + escaped(names[static_cast<std::size_t>(i)]) + "</td>";
    for (Index j = 0; j < correlation.cols(); ++j) {
      const double value = correlation(i, j);
      if (!std::isfinite(value)) {
        body_ += "<td></td>";
        continue;
      }
      const char* rgb = value < 0.0 ? "213,94,0" : "0,114,178";
      body_ += fmt::format("<td style=\"background:rgba({},{:.2f})\">{:.3f}</td>", rgb,
                           0.7 * std::min(1.0, std::abs(value)), value);
    }
    body_ += "</tr>\n";
  }
  body_ += "</table>\n";
}

void Page::chart(const Chart& chart) {
  if (!draws_charts()) return;
  if (!std::exchange(in_row_, true)) body_ += "<div class=\"charts\">\n";
  body_ += fmt::format("<div><canvas id=\"chart-{}\" role=\"img\" aria-label=\"{}\"></canvas></div>\n",
                       charts_.size(), escaped(chart.title));
  charts_.push_back(in_script(configuration(chart).dump(-1, ' ', false, Json::error_handler_t::replace)));
}

void Page::application(const std::string& id, const std::string& markup, const std::string& json,
                       std::string_view script) {
  if (!draws_charts()) return;
  end_row();
  body_ += markup;
  applications_ +=
      "<script type=\"application/json\" id=\"" + id + "\">" + in_script(json) + "</script>\n<script>";
  applications_ += script;
  applications_ += "</script>\n";
}

std::string Page::html() const {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
      "'unsafe-inline'; "
      "style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
      escaped(title_) + "</title>\n<style>" + style + "</style></head>\n<body>\n<h1>" + escaped(title_) +
      "</h1>\n" + body_ + (in_row_ ? "</div>\n" : "");
  if (!draws_charts()) {
    html += "<p>Without plots: Chart.js was not found when the program was built.</p>\n";
  } else if (!charts_.empty() || !applications_.empty()) {
    html += "<script type=\"application/json\" id=\"configurations\">[";
    for (std::size_t k = 0; k < charts_.size(); ++k) html += (k > 0 ? ",\n" : "") + charts_[k];
    html += "]</script>\n<script>";
    html += chart_script();
    html += "</script>\n<script>";
    html.append(count).append(draw);
    html += "</script>\n" + applications_;
  }
  return html + "</body></html>\n";
}

}  // namespace quadric::page
