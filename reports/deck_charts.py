"""Draws a chart of the deck as a native one: whoever opens the file can edit its data. Colour is never the only sign, every value is printed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.dml.fill import FillFormat
from pptx.enum.chart import XL_AXIS_CROSSES, XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_PATTERN_TYPE
from pptx.util import Pt

from reports.deck_package import workbook
from reports.deck_parts import SMALLEST, Bars, Series
from reports.palette import LIGHT

KINDS = {False: XL_CHART_TYPE.BAR_CLUSTERED, True: XL_CHART_TYPE.BAR_STACKED}
"""Stacked or not -> kind of chart."""

GAP, WIDE_GAP = 45, 180
"""Room between bars in percent of their thickness, and between FEW, so that none fills the chart."""

FEW = 2


def colour(name: str) -> RGBColor:
    """`#RRGGBB`."""
    return RGBColor.from_string(name[1:])


def chart_data(bars: Bars) -> CategoryChartData:
    """Categories and series, as they stand in the chart and in its workbook."""
    data = CategoryChartData(number_format="#,##0")
    data.categories = list(bars.categories)
    for series in bars.series:
        data.add_series(series.name, series.values)
    return data


def dress(chart: Chart, bars: Bars, created: datetime) -> None:
    """Gives a chart its workbook, and the look of the deck."""
    chart.part.chart_workbook.update_from_xlsx_blob(
        workbook(bars.categories, [(series.name, series.values) for series in bars.series], created)
    )
    chart.font.size, chart.font.color.rgb = Pt(SMALLEST), colour(LIGHT.ink)
    chart.has_title = False
    chart.has_legend = bars.legend
    if bars.legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = GAP if len(bars.categories) > FEW else WIDE_GAP, 100 if bars.stacked else -6
    plot.vary_by_categories = False
    _axes(chart, bars)
    if not bars.stacked:
        plot.has_data_labels = True
        labels = plot.data_labels
        labels.show_value, labels.position = True, XL_LABEL_POSITION.OUTSIDE_END
        labels.number_format, labels.number_format_is_linked = "#,##0", False
        labels.font.size, labels.font.bold = Pt(SMALLEST), True
    for drawn, series in zip(plot.series, bars.series, strict=True):
        _paint(drawn, series)
    for place in chart._chartSpace.xpath("//c:axId | //c:crossAx"):
        place.set("val", place.get("val").lstrip("-"))  # python-pptx gives axes negative ids, which the schema has none of


def _axes(chart: Chart, bars: Bars) -> None:
    names, values = chart.category_axis, chart.value_axis
    names.major_tick_mark, names.has_major_gridlines = XL_TICK_MARK.NONE, False
    names.format.line.color.rgb = colour(LIGHT.muted)
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.tick_labels.font.size = Pt(SMALLEST)
    names._element.txPr.bodyPr.set("rot", "0")  # a viewer turns what it finds too long; wrapped it is read
    values.has_major_gridlines = bars.stacked
    values.minimum_scale = 0
    names.reverse_order = True
    values._element.crosses.val = XL_AXIS_CROSSES.MAXIMUM  # else it stands above, since the first category does
    if not bars.stacked:
        values.visible = False
        return
    values.maximum_scale, values.major_unit = 100, 25
    values.major_gridlines.format.line.color.rgb = colour(LIGHT.line)
    values.format.line.fill.background()
    values.major_tick_mark = XL_TICK_MARK.NONE
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = '0" %"', False


def _paint(drawn: Any, series: Series) -> None:
    """A series in one colour, or each of its points in its own; the legend shows the series."""
    alike = len(series.colours) == 1
    _fill(drawn.format, series.colours[0] if alike else LIGHT.muted, outlined=series.outlined, hatched=alike and any(series.hatched))
    if alike:
        return
    hatched = series.hatched or (False,) * len(series.colours)
    for number, (name, is_hatched) in enumerate(zip(series.colours, hatched, strict=True)):
        _fill(drawn.points[number].format, name, outlined=series.outlined, hatched=is_hatched)


def _fill(form: Any, name: str, *, outlined: bool, hatched: bool) -> None:
    fill: FillFormat = form.fill
    if outlined:
        fill.solid()
        fill.fore_color.rgb = colour(LIGHT.background)
        form.line.color.rgb, form.line.width = colour(name), Pt(1.75)
    elif hatched:
        fill.patterned()
        fill.pattern = MSO_PATTERN_TYPE.WIDE_UPWARD_DIAGONAL
        fill.fore_color.rgb, fill.back_color.rgb = colour(LIGHT.muted), colour(LIGHT.background)
        form.line.color.rgb, form.line.width = colour(LIGHT.muted), Pt(0.75)
    else:
        fill.solid()
        fill.fore_color.rgb = colour(name)
