import { UNPACK_SCRIPT } from './html-rows.ts';

/**
 * What runs in the page, as text: it draws each figure's specification and shows its tooltips. A reader's preference for
 * dark turns every light colour of the specifications into its dark one; paper is always light.
 */
export const PAGE_SCRIPT = `
'use strict';
(function () {
  var root = document.documentElement;
  var dark = JSON.parse(document.getElementById('dark-colours').textContent);
  var prefersDark = window.matchMedia('(prefers-color-scheme: dark)');
  var figures = Array.from(document.querySelectorAll('figure')).map(function (figure) {
    return {
      element: figure.querySelector('.chart'),
      specification: figure.querySelector('script').textContent,
      view: null,
    };
  });

  var tooltip = document.createElement('div');
  tooltip.id = 'tooltip';
  tooltip.setAttribute('role', 'tooltip');
  tooltip.hidden = true;
  document.body.appendChild(tooltip);

${UNPACK_SCRIPT}
  function isDark() {
    return root.dataset.theme === 'dark' || (root.dataset.theme === 'auto' && prefersDark.matches);
  }

  function draw(useDark) {
    tooltip.hidden = true;
    figures.forEach(function (figure) {
      var text = useDark
        ? figure.specification.replace(/#[0-9a-f]{6}/g, function (colour) { return dark[colour] || colour; })
        : figure.specification;
      if (figure.view) figure.view.finalize();
      figure.element.textContent = '';
      var label = figure.element.getAttribute('aria-label');
      figure.view = new vega.View(vega.parse(unpacked(JSON.parse(text)), null, { ast: true }), {
        expr: vegaInterpreter.expressionInterpreter,
        renderer: 'svg',
        container: figure.element,
        hover: true,
      }).tooltip(showTooltip).run();
      figure.element.setAttribute('role', 'img');
      figure.element.setAttribute('aria-label', label);
      figure.element.removeAttribute('aria-roledescription');
    });
  }

  function showTooltip(handler, event, item, value) {
    tooltip.hidden = value === null || value === undefined || value === '';
    if (tooltip.hidden) return;
    tooltip.textContent = '';
    if (typeof value === 'object') {
      var table = document.createElement('table');
      Object.keys(value).forEach(function (name) {
        if (String(value[name]) === '') return;
        var row = table.insertRow();
        var heading = document.createElement('th');
        heading.scope = 'row';
        heading.textContent = name;
        row.appendChild(heading);
        row.insertCell().textContent = String(value[name]);
      });
      tooltip.appendChild(table);
    } else {
      tooltip.textContent = String(value);
    }
    var size = tooltip.getBoundingClientRect();
    var left = event.clientX + 14;
    if (left + size.width > root.clientWidth - 8) left = event.clientX - size.width - 14;
    var top = Math.min(event.clientY + 14, root.clientHeight - size.height - 8);
    tooltip.style.left = Math.max(8, left) + 'px';
    tooltip.style.top = Math.max(8, top) + 'px';
  }

  draw(isDark());
  prefersDark.addEventListener('change', function () { draw(isDark()); });
  window.addEventListener('beforeprint', function () { if (isDark()) draw(false); });
  window.addEventListener('afterprint', function () { if (isDark()) draw(true); });
})();
`;
