// Pictures of components for the page of mpinmf report --html.
#pragma once

#include "cli/components/arguments.hpp"
#include "report/html_report.hpp"

namespace mpinmf::cli {

/// Adds those of the fit that `page` shows, and of several fits one for each other k, and what a survey has drawn.
/// They come from the folders of the fits; what `mpinmf components` would draw there and has not is drawn in a
/// temporary folder. What is in the way of drawing is said once, and the page goes without. Throws as Fitted, and
/// ShapeMismatch for an image that does not fit. Does not communicate.
void add_pictures(report::HtmlReport& page, const ComponentsArguments& asked);

}  // namespace mpinmf::cli
