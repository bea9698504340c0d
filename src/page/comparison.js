'use strict';
// Draws a comparison (src/compare/page_data.hpp says what is in its data).
(() => {
  const data = JSON.parse(document.getElementById('comparison').textContent);
  const element = id => document.getElementById(id);
  const solverCount = data.solvers.length;
  const color = s => `hsl(${(data.order.indexOf(s) * 137.5) % 360}, 75%, ${data.order.indexOf(s) % 2 ? 35 : 48}%)`;
  const outcomeColors = {
    solved: '#009e73', converged_elsewhere: '#56b4e9', undecided_curvature: '#cc79a7', saddle_point: '#e69f00',
    stalled: '#d55e00', iteration_limit: '#999999', time_limit: '#666666', evaluation_failed: '#000000',
    unbounded: '#f0e442', stopped_by_user: '#bbbbbb'
  };
  const shown = new Set(data.order.slice(0, 8));

  const number = (value, digits = 3) => value === null ? '' : Number(value.toPrecision(digits)).toString();
  const power = exponent => number(10 ** exponent, 2);
  const option = (select, value, text) => {
    const item = document.createElement('option');
    item.value = value;
    item.textContent = text;
    select.append(item);
  };

  // A plot on lines whose axes may show powers of ten, or sinh of what they hold.
  const plots = {};
  function plot(id, title, x, y, series) {
    if (plots[id]) plots[id].destroy();
    const axis = spec => ({
      type: 'linear', min: spec.min, max: spec.max,
      title: { display: true, text: spec.label },
      ticks: spec.text ? { callback: value => spec.text(value), maxTicksLimit: 9 } : { maxTicksLimit: 9 }
    });
    plots[id] = new Chart(element(id), {
      type: 'scatter',
      data: {
        datasets: series.map(one => ({
          label: one.label, data: one.points, showLine: true, borderColor: one.color, backgroundColor: one.color,
          borderWidth: 1.8, pointRadius: one.points.length > 1 ? 0 : 3, pointHitRadius: 6, stepped: one.stepped || false
        }))
      },
      options: {
        animation: false, maintainAspectRatio: false, parsing: false,
        scales: { x: axis(x), y: axis(y) },
        plugins: {
          legend: { display: false }, title: { display: true, text: title },
          tooltip: { callbacks: { label: item => item.dataset.label } }
        }
      }
    });
  }

  // The solvers to be shown, all plots at once.
  data.order.forEach(s => {
    const label = document.createElement('label'), box = document.createElement('input'), line = document.createElement('i');
    box.type = 'checkbox';
    box.checked = shown.has(s);
    box.addEventListener('change', () => {
      if (box.checked) shown.add(s); else shown.delete(s);
      drawProfiles();
      drawCase();
    });
    line.style.background = color(s);
    label.append(box, line, ' ' + data.solvers[s]);
    element('solvers').append(label);
  });

  data.criteria.forEach((name, i) => option(element('criterion'), i, i === 0 ? 'solved' : 'right to ' + name));
  function drawProfiles() {
    const criterion = Number(element('criterion').value);
    const of = (profile, i) => data.order.filter(s => shown.has(s)).map(s => ({
      label: data.solvers[s], color: color(s), stepped: 'before',
      points: profile.x.map((x, k) => ({ x, y: profile.y[i][s][k] }))
    }));
    const share = { label: 'share of problems', min: 0, max: 1 };
    const { evaluations, seconds, data: progress } = data.profiles;
    plot('profile-evaluations', 'Performance profile by evaluations', { label: '× the fewest evaluations', text: power }, share,
         of(evaluations, criterion));
    plot('profile-seconds', 'Performance profile by time' + (data.alone ? '' : ' (not alone: do not compare)'),
         { label: '× the shortest time', text: power }, share, of(seconds, criterion));
    const tolerance = Math.max(criterion, 1);
    plot('profile-data', 'Data profile, τ = ' + data.criteria[tolerance], { label: 'evaluations / (n + 1)', text: power }, share,
         data.criteria.length > 1 ? of(progress, tolerance - 1) : []);
  }
  element('criterion').addEventListener('change', drawProfiles);

  function drawOutcomes() {
    const counts = data.outcomes.map(() => new Array(solverCount).fill(0));
    data.cases.forEach(one => one.runs.forEach(run => ++counts[run[1]][run[0]]));
    const totals = data.solvers.map((_, s) => counts.reduce((sum, row) => sum + row[s], 0));
    element('outcomes-plot').style.height = (90 + 22 * solverCount) + 'px';
    plots.outcomes = new Chart(element('outcomes'), {
      type: 'bar',
      data: {
        labels: data.order.map(s => data.solvers[s]),
        datasets: data.outcomes.map((name, o) => ({
          label: name.replaceAll('_', ' '), backgroundColor: outcomeColors[name] || '#8888ff',
          data: data.order.map(s => counts[o][s] / totals[s]), counts: data.order.map(s => counts[o][s])
        }))
      },
      options: {
        indexAxis: 'y', animation: false, maintainAspectRatio: false,
        scales: { x: { stacked: true, max: 1, title: { display: true, text: 'share of its runs' } }, y: { stacked: true, ticks: { autoSkip: false } } },
        plugins: { tooltip: { callbacks: { label: item => item.dataset.label + ': ' + item.dataset.counts[item.dataIndex] } } }
      }
    });
  }

  // Which cases can be chosen: all, or those that a solver fails on.
  option(element('filter'), -1, 'there are');
  option(element('filter'), -2, 'have two unknowns');
  data.order.forEach(s => option(element('filter'), s, data.solvers[s] + ' fails on'));
  function listCases() {
    const filter = Number(element('filter').value), select = element('case');
    select.replaceChildren();
    data.cases.forEach((one, i) => {
      const fits = filter === -1 || (filter === -2 ? one.map !== undefined
                                                   : one.runs.some(run => run[0] === filter && run[1] !== 0));
      if (fits) option(select, i, (one.u ? one.u + ': ' : '') + one.p + ' from ' + one.s);
    });
    choose();
    drawCase();
  }
  // Something to look at: where the best solver took longest, up to a point.
  function choose() {
    const select = element('case');
    const length = i => Math.min(40, Math.max(...data.cases[i].runs.filter(run => run[0] === data.order[0]).map(run => run[9].length), 0));
    let best = null;
    for (const item of select.options) {
      const value = length(item.value);
      if (best === null || value > best) {
        best = value;
        select.value = item.value;
      }
    }
  }
  element('filter').addEventListener('change', () => {
    const filter = Number(element('filter').value);
    if (filter >= 0 && !shown.has(filter)) element('solvers').querySelectorAll('input')[data.order.indexOf(filter)].click();
    listCases();
  });
  element('case').addEventListener('change', drawCase);
  element('over').addEventListener('change', drawCase);

  function drawCase() {
    const one = data.cases[element('case').value];
    if (!one) return;
    const over = Number(element('over').value);
    const label = element('over').selectedOptions[0].textContent;
    const visible = one.runs.filter(run => shown.has(run[0]));
    const column = (k, change = value => value) => visible.map(run => ({
      label: data.solvers[run[0]], color: color(run[0]),
      points: run[9].filter(line => line[k] !== null).map(line => ({ x: line[over], y: change(line[k]) }))
    }));
    plot('value', 'f above the lowest value known', { label }, { label: 'f − f*', text: power }, column(3));
    plot('gradient', '‖∇f‖', { label }, { label: '‖∇f‖', text: power }, column(4));
    const sizes = visible.flatMap(run => run[9].map(line => Math.abs(line[5] || 0))).filter(size => size > 0);
    const unit = sizes.length ? Math.max(Math.min(...sizes), Math.max(...sizes) * 1e-9) : 1;
    plot('lambda', 'λmin of the Hessian, where it was computed', { label },
         { label: 'λmin', text: value => number(unit * Math.sinh(value), 2) }, column(5, value => Math.asinh(value / unit)));
    drawMap(one, visible);
    listRuns(one);
  }

  function drawMap(one, visible) {
    const place = element('map-place'), canvas = element('map');
    place.style.display = element('map-key').style.display = one.map ? '' : 'none';
    if (!one.map) return;
    const ratio = window.devicePixelRatio || 1, width = place.clientWidth || 500, height = place.clientHeight || 400;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = width + 'px';
    canvas.style.height = height + 'px';
    const g = canvas.getContext('2d');
    g.scale(ratio, ratio);
    const left = 62, right = 10, top = 24, bottom = 40;
    const x = value => left + (width - left - right) * value / 1000, y = value => height - bottom - (height - top - bottom) * value / 1000;
    const [x0, x1, y0, y1] = one.map.box;
    g.font = '12px system-ui, sans-serif';
    g.fillStyle = '#555';
    g.textAlign = 'center';
    g.fillText('Paths on contours', width / 2, 14);
    for (let k = 0; k <= 4; ++k) {
      g.textAlign = 'center';
      g.fillText(number(x0 + (x1 - x0) * k / 4), Math.min(x(250 * k), width - 20), height - bottom + 15);
      g.textAlign = 'right';
      g.fillText(number(y0 + (y1 - y0) * k / 4), left - 5, y(250 * k) + 4);
    }
    g.textAlign = 'center';
    g.fillText(one.map.names[0], (left + width - right) / 2, height - 6);
    g.save();
    g.translate(12, (top + height - bottom) / 2);
    g.rotate(-Math.PI / 2);
    g.fillText(one.map.names[1], 0, 0);
    g.restore();
    g.strokeStyle = '#999';
    g.strokeRect(x(0), y(1000), x(1000) - x(0), y(0) - y(1000));
    g.beginPath();
    g.rect(x(0), y(1000), x(1000) - x(0), y(0) - y(1000));
    g.clip();
    const trail = points => {
      g.beginPath();
      for (let k = 0; k < points.length; k += 2) g.lineTo(x(points[k]), y(points[k + 1]));
      g.stroke();
    };
    g.lineWidth = 1;
    one.map.lines.forEach((lines, level) => {
      g.strokeStyle = `hsl(215, 25%, ${82 - 45 * level / one.map.lines.length}%)`;
      lines.forEach(trail);
    });
    g.lineWidth = 2;
    visible.forEach(run => {
      if (!run[10]) return;
      g.strokeStyle = g.fillStyle = color(run[0]);
      trail(run[10]);
      for (let k = 0; k < run[10].length; k += 2) g.fillRect(x(run[10][k]) - 2, y(run[10][k + 1]) - 2, 4, 4);
    });
    g.font = '17px system-ui, sans-serif';
    g.textBaseline = 'middle';
    const signs = { minimum: '◆', saddle: '✕', maximum: '▲' };
    g.fillStyle = '#000';
    one.map.marks.forEach(([kind, mx, my]) => g.fillText(signs[kind] || '○', x(mx), y(my)));
    const start = one.runs.find(run => run[10] && run[10].length);
    if (start) g.fillText('●', x(start[10][0]), y(start[10][1]));
  }

  function listRuns(one) {
    const table = element('runs');
    table.replaceChildren();
    const row = (cells, kind) => {
      const line = document.createElement('tr');
      cells.forEach(text => {
        const cell = document.createElement(kind);
        cell.textContent = text;
        line.append(cell);
      });
      table.append(line);
      return line;
    };
    row(['solver', 'outcome', 'false successes', 'evaluations', 'seconds', 'value', '‖∇f‖', 'λmin', 'reason'], 'th');
    const rank = run => data.order.indexOf(run[0]);
    [...one.runs].sort((a, b) => rank(a) - rank(b)).forEach(run => {
      const line = row([data.solvers[run[0]], data.outcomes[run[1]].replaceAll('_', ' '), run[2] || '', run[3], number(run[4]),
                        number(run[5], 9), number(run[6]), number(run[7]), run[8]], 'td');
      if (run[1] !== 0) line.className = 'failed';
    });
  }

  drawProfiles();
  drawOutcomes();
  // At first something to look at: two unknowns, where there are some.
  if (data.cases.some(one => one.map)) element('filter').value = -2;
  listCases();
  // Looks at each canvas.
  ['profile-evaluations', 'profile-seconds', 'profile-data', 'outcomes', 'value', 'gradient', 'lambda'].forEach(id => drew(element(id)));
  if (data.cases.some(one => one.map)) drew(element('map'));
})();
