// Lines over axes as SVG in the page, in the colours of its text.
#pragma once

#include <span>
#include <string>

#include "report/plot.hpp"

namespace mpinmf::report::html {

/// One or several lines, and a list of their names where there are several. Points that are not finite are left
/// out, and lines without others; where none is left, nothing. The y axis is logarithmic where `picture` says so
/// and all is above 0. A line of few points shows them, one alone, too.
/// `id` names it among the charts of the page.
std::string chart_html(const Picture& picture, const std::string& id);

}  // namespace mpinmf::report::html
